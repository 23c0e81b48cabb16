import type { accountsZh } from './accounts-zh.ts'

/** Logging in, the own account and people, in English. */
export const accountsEn: Record<keyof typeof accountsZh, string> &
  Partial<Record<`${keyof typeof accountsZh}_one`, string>> = {
  'login.shut': 'Too many failures in a row; try again in {{time}}',
  'login.again': 'You may try again now',
  'login.expired': 'This sign-in has expired; please enter the password again',
  'login.disabled': 'This account is disabled; ask your administrator',
  'login.sso': 'Single sign-on',
  'login.ssoFailed':
    'Single sign-on did not work: this identity belongs to nobody here yet; ask your administrator',
  'login.codeTitle': 'Second step',
  'login.code': 'Six-digit code of the authenticator',
  'login.codeHint': 'Open the authenticator on your phone and enter the code it shows for 湘融.',
  'login.recoveryCode': 'Recovery code',
  'login.recoveryHint':
    'Each recovery code works once. Make new ones under “My account” before they run out.',
  'login.useRecovery': 'Use a recovery code',
  'login.useCode': 'Use the authenticator',
  'login.back': 'Back',
  'login.verify': 'Verify',
  'login.wrongCode': 'Wrong or used code; please enter a new one',

  'password.rules':
    '10 characters or more, any you like; a sentence you can remember is fine. Not the username, and not a common password.',
  'password.fault.short': 'The password needs at least 10 characters',
  'password.fault.long': 'The password may have 128 characters at most',
  'password.fault.userName': 'The password must not be the username, or little more than it',
  'password.fault.common': 'This password is too common and easily guessed; choose another',
  'password.wrong': 'Wrong password or code; please try again',
  'password.shut': 'Too many failures in a row; try again in {{minutes}} minutes',

  'welcome.title': 'Set your password',
  'welcome.lead': 'This link works once. Set a password, then sign in with it.',
  'welcome.noToken': 'The link is not complete. Copy the whole link that your administrator gave you.',
  'welcome.used': 'This link was used or is no longer valid; ask your administrator for a new one.',
  'welcome.done': 'The password is set. Your username is {{username}}.',
  'welcome.save': 'Set password',
  'welcome.go': 'Sign in',

  'nav.account': 'My account',
  'nav.people': 'People',

  'account.title': 'My account',
  'account.lead': '{{name}} ({{username}})',
  'account.mustEnrol':
    'Your role asks for a second step at sign-in. Enrol an authenticator first; then everything else opens.',
  'account.busy': 'One moment…',
  'account.password': 'Change password',
  'account.current': 'Current password',
  'account.next': 'New password',
  'account.change': 'Change password',
  'account.passwordDone': 'The password is changed, and you are signed out everywhere else.',
  'account.factor': 'Second step',
  'account.factorOff':
    'Enrol an authenticator on your phone. From then on signing in takes its code as well, so that a stolen password is of no use.',
  'account.factorOn': 'An authenticator is enrolled. {{count}} recovery codes are left.',
  'account.factorOn_one': 'An authenticator is enrolled. One recovery code is left.',
  'account.fewCodes': 'Few recovery codes are left: make new ones and keep them safe.',
  'account.confirmBy': 'Enter your password to go on',
  'account.enrol': 'Enrol',
  'account.scan': 'Scan the code with the authenticator, then enter the six digits it shows.',
  'account.qr': 'QR code that enrols the authenticator',
  'account.byHand': 'If you cannot scan it, enter this key by hand:',
  'account.code': 'Code',
  'account.confirm': 'Confirm',
  'account.newCodes': 'New recovery codes',
  'account.giveUp': 'Remove authenticator',
  'account.codesLead':
    'These recovery codes are shown once. Each replaces the authenticator for one sign-in. Print them or keep them somewhere safe.',
  'account.saveCodes': 'Save as file',
  'account.codesKept': 'I have kept them',
  'account.sessions': 'Where you are signed in',
  'account.sessionsLead':
    'Sessions end after {{minutes}} minutes unused and after {{hours}} hours in any case. End any you do not know, and change your password.',
  'account.device': 'Device',
  'account.unknownDevice': 'Unknown',
  'account.address': 'Address',
  'account.lastUsed': 'Last used',
  'account.begun': 'Signed in',
  'account.end': 'End',
  'account.endOthers': 'End all others',
  'account.thisOne': 'this one',
}
