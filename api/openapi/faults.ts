import type { ErrorCode } from '#domain/error.ts'
import type { Bilingual } from '#domain/text.ts'

/** When each code is answered, and how its `detail` may read; `null` for codes that only stop a start. */
export const FAULTS: Record<ErrorCode, { when: Bilingual; details: readonly string[] } | null> = {
  bad_request: {
    when: {
      zh: '请求读不懂：参数或正文不合要求',
      en: 'The request cannot be read: a parameter or the body is wrong',
    },
    details: ['region: is not a region code of GB/T 2260'],
  },
  unauthenticated: {
    when: { zh: '没有密钥或会话，或已失效', en: 'No key or session, or one that holds no longer' },
    details: [
      'send the key of the source as "Authorization: Bearer <key>"',
      'log in first',
      'Invalid username or password',
    ],
  },
  forbidden: {
    when: { zh: '身份有效，但无权这样做', en: 'Known, but not allowed to do this' },
    details: [
      'this source may not send workers; it may send arrears',
      'this needs the right sources.manage (管理来源与密钥); ask whoever manages people for a post that has it',
    ],
  },
  second_factor_missing: {
    when: { zh: '角色要求第二因素，请先绑定', en: 'The role needs a second factor: enrol one first' },
    details: ['your role needs a second factor; enrol one at /account'],
  },
  not_found: {
    when: { zh: '没有这个地址或对象', en: 'Nothing has this address' },
    details: ['this source has no such batch', 'there is no such alert'],
  },
  method_not_allowed: {
    when: {
      zh: '这个地址不接受这种方法；响应头 Allow 列出可用的',
      en: 'The address does not take this method; the header Allow lists those it takes',
    },
    details: ['PUT is not taken here; use POST'],
  },
  conflict: {
    when: { zh: '与现状冲突', en: 'Contradicts how things stand' },
    details: [
      'this Idempotency-Key was used with another body; use a new one',
      'this alert is already acknowledged',
    ],
  },
  changed_since: {
    when: {
      zh: '对象在所见之后已变：看过再做',
      en: 'It has changed since it was seen: look again first',
    },
    details: ['this alert was seen as orange and is red now: look at it again before you acknowledge it'],
  },
  gone: {
    when: { zh: '保留的文件已不在：请重新发送文件', en: 'A kept file is there no more: send the file again' },
    details: ['this file is not kept any more; send it again'],
  },
  too_large: {
    when: { zh: '正文过大，请分批', en: 'The body is too large; send it in parts' },
    details: ['the body is larger than 64 MiB (unpacked); send it in several requests'],
  },
  too_slow: {
    when: {
      zh: '正文来得太慢：备齐后一次发完，慢线路上压缩或分批',
      en: 'The body came too slowly: have it ready, pack it, or send parts',
    },
    details: ['the body comes at less than 30 KiB in 30 s; have all of it ready and send it at once'],
  },
  unsupported_media: {
    when: { zh: '正文的格式或压缩方式不受支持', en: 'The media type or encoding is not read here' },
    details: ['Content-Encoding br is not read here; use gzip or none'],
  },
  unprocessable: {
    when: { zh: '读懂了，但没有一行可以接受', en: 'It was read, but nothing in it can be taken' },
    details: ['no row could be accepted; correct them by the reasons given and send them again'],
  },
  period_locked: {
    when: {
      zh: '会改变已封账时期的数字：请管理员为该来源设例外，或解除封账',
      en: 'It would change figures of a closed period: ask for an exception for the source, or that the period is opened',
    },
    details: [
      'to withdraw this batch would change figures of closed periods (Shaoyang, before October 1, 2026); ask the administrator for an exception for the source 示例市治欠办, or to open them again',
    ],
  },
  queue_full: {
    when: {
      zh: '队列已满：按 Retry-After 等待后原样重发',
      en: 'The queue is full: wait for Retry-After, then send the same again',
    },
    details: ['the queue is full; send the same body again'],
  },
  too_often: {
    when: {
      zh: '尝试过于频繁：按 Retry-After 等待后再试',
      en: 'Too many attempts: wait for Retry-After, then try again',
    },
    details: ['Too many requests. Please try again later.'],
  },
  store_away: {
    when: {
      zh: '存储暂时不可用：按 Retry-After 等待后原样重发',
      en: 'A store is away: wait for Retry-After, then send the same again',
    },
    details: ['the store is away; send the same body again'],
  },
  bad_setting: null,
  directory_in_use: null,
  migration_edited: null,
  migration_newer: null,
}
