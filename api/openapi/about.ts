/** What a reader of the API should know before the first operation. */
export const ABOUT = {
  info: {
    title: '湘融 Xiangrong',
    version: '1',
    summary: '农民工监测与欠薪预警',
    'x-summary-en': 'Migrant-worker monitoring and wage-arrears early warning',
    description: [
      '时间一律为带时区的 ISO 8601；只有日期时按 Asia/Shanghai 理解。',
      '金额以元计，写作两位小数的字符串，如 "1234.50"。行政区划用 GB/T 2260 代码（43、4305、430503）。',
      '错误一律为 RFC 9457 application/problem+json，detail 说明应改什么。其他意外为 500，已记入日志。',
      '重复发送是安全的：同一观测再次送达计为 unchanged，不会重复统计。',
      '中文写在标准字段中，英文写在 x-summary-en、x-description-en；字段标题同时有 zh 与 en。示例均为虚构。',
    ].join('\n'),
    'x-description-en': [
      'Times are ISO 8601 with an offset; a bare date is read in Asia/Shanghai.',
      'Money is yuan as a string with two decimals, like "1234.50". Regions are GB/T 2260 codes (43, 4305, 430503).',
      'Faults are RFC 9457 application/problem+json whose detail says what to change. Anything unexpected is a 500 and is logged.',
      'Sending again is safe: the same observation counts as unchanged and never twice.',
      'Chinese stands in the standard fields, English in x-summary-en and x-description-en; fields carry zh and en. All examples are invented.',
    ].join('\n'),
  },
} as const
