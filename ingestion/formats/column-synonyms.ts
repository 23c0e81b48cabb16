import type { Kind } from '#domain/signal.ts'

const SHARED: Readonly<Record<string, string>> = {
  observedAt:
    '采集时间 填报时间 填报日期 登记时间 登记日期 上报时间 上报日期 更新时间 更新日期 统计时间 数据时间 时间 日期',
  sector: '所属行业 行业类别 行业类型 从事行业 行业门类 产业',
  employer:
    '单位名称 企业名称 公司名称 用工单位 用人单位名称 工作单位 务工单位 企业 单位 欠薪单位 欠薪单位名称 欠薪企业 欠薪企业名称 被投诉单位 被投诉单位名称 被反映单位 被反映单位名称',
  employerCode: '信用代码 社会信用代码 统一信用代码 企业代码 组织机构代码 单位代码',
  project: '项目名称 工程名称 工程项目 工程项目名称 所在项目 工地 工地名称',
}

/** What ledgers of stations and departments call the fields, beside our own titles; separated by blanks. */
export const SYNONYMS: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  workers: {
    ...SHARED,
    idNumber:
      '身份证号码 身份证 证件号码 证件号 公民身份号码 公民身份证号码 居民身份证号 居民身份证号码 身份号码',
    name: '农民工姓名 务工人员姓名 劳动者姓名 工人姓名 人员姓名 名字',
    phone: '联系方式 手机号 手机号码 手机 电话 电话号码 本人电话 联系手机',
    sex: '男女',
    birth: '出生年月日 生日 出生年月',
    homeRegion: '户籍所在地 户籍地代码 户籍 籍贯 户籍地址代码 户口所在地 户籍区划 户籍行政区划代码',
    workRegion:
      '务工地点 务工地址 现务工地 现务工地址 务工地代码 就业地 就业地点 工作地 工作地点 务工所在地 务工地区 流向地',
    occupation: '职业 岗位 工作岗位 职务 工作工种 从事工种',
    status: '就业状态 务工状态 进场状态 在场状态 人员状态 当前状态 就业情况',
    monthlyWage: '月薪 工资 月收入 工资标准 月工资收入 月均工资',
    contractSigned: '是否签订合同 是否签订劳动合同 签订合同 劳动合同 是否签合同 合同签订',
    insured: '是否参保 参保 参保情况 社保 是否参加社保 是否缴纳社保',
    skills: '技能特长 特长 职业技能 技能等级',
  },
  arrears: {
    ...SHARED,
    caseId: '案件号 案号 线索编号 工单编号 工单号 受理编号 编号 投诉编号',
    channel: '渠道 来源渠道 线索来源 受理渠道 来源 投诉渠道',
    workRegion: '发生地 问题发生地 案发地 所在地 项目所在地 欠薪地 欠薪地点 务工地 所属区县',
    homeRegions: '户籍分布 籍贯分布',
    status: '案件状态 办理状态 处理状态 办理情况 处置状态',
    workers: '欠薪人数 涉案人数 被欠薪人数 人数 涉及农民工人数 农民工人数',
    owed: '欠薪金额 拖欠金额 欠薪数额 涉及金额 尚欠工资 欠薪总额 拖欠工资金额 金额 拖欠 尚欠 欠发',
    paid: '已支付金额 追回金额 已发放金额 已清欠金额 已付金额 已追回',
    owedSince: '欠薪起始时间 欠薪开始时间 欠薪开始月份 欠薪起始月份 欠薪时间 拖欠起始月',
    gathering: '群体聚集人数 聚集 上访人数',
    note: '说明 情况说明 案情 案情简介 案件简介 案由 基本情况 简要情况',
  },
  industry: {
    ...SHARED,
    pointId: '监测点 监测点代码 监测点编码 站点编号 点位编号 编号',
    period: '期间 报告期间 统计期 报告月份 月份 所属期 统计月份',
    workRegion: '地区 区划代码 行政区划 行政区划代码 监测点所在地 所属区县',
    employers: '企业数量 企业家数 单位数',
    headcount: '在岗 从业人数 用工人数 在岗职工人数 员工人数 期末人数',
    hires: '新增人数 招聘人数 新进人数 本期新招',
    departures: '流失人数 减少人数 本期离职',
    vacancies: '缺工 缺口人数 缺工数 用工缺口 空岗数',
    averageWage: '平均工资 人均工资 人均月工资',
    wageBill: '应发工资总额 应付工资 应发金额 应发',
    wagePaid: '实发工资总额 实付工资 已发工资 实发金额 实发',
    paidWorkers: '发薪人数 已发工资人数',
    attendingWorkers: '出勤 考勤人数',
    registeredWorkers: '实名制人数 实名登记 登记人数',
    accountBalance: '专户账户余额 工资专户余额 账户余额',
    laborCostTransferredAt: '人工费拨付时间 人工费用到账时间 拨付时间',
    payDay: '发放日 工资发放日 每月发薪日',
    depositHeld: '保证金余额 已缴保证金',
    depositRequired: '应缴保证金',
    stopped: '是否停工 停工',
    majorEvent: '重大事项 重大情况 异常情况',
  },
}
