const BROWSERS: readonly [RegExp, string][] = [
  [/MicroMessenger\//, '微信'],
  [/Edg[A-Z]*\//, 'Edge'],
  [/(?:OPR|Opera)\//, 'Opera'],
  [/QQBrowser\//, 'QQ'],
  [/Firefox\//, 'Firefox'],
  [/(?:Chrome|CriOS)\//, 'Chrome'],
  [/Version\/\S+ .*Safari\//, 'Safari'],
]
const SYSTEMS: readonly [RegExp, string][] = [
  [/OpenHarmony|HarmonyOS/, 'HarmonyOS'],
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]

/** "Chrome · Windows" of what a browser calls itself; its first word where it is no browser, '' where it says nothing. */
export function deviceName(userAgent: string): string {
  const named = [BROWSERS, SYSTEMS].map((all) => all.find(([mark]) => mark.test(userAgent))?.[1])
  return named.filter((name) => name !== undefined).join(' · ') || userAgent.split(/[/ ]/, 1)[0] || ''
}
