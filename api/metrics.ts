import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** What `/metrics` shows (Prometheus text). One registry a process. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const rows = new Counter({
    name: 'xiangrong_rows_total',
    help: 'Rows received, by kind and outcome',
    labelNames: ['kind', 'outcome'],
    registers: [registry],
  })
  const waiting = new Gauge({
    name: 'xiangrong_rows_waiting',
    help: 'Rows waiting for their commit, by kind',
    labelNames: ['kind'],
    registers: [registry],
  })
  const decisions = new Counter({
    name: 'xiangrong_alert_decisions_total',
    help: 'Alert transitions, by why people were told or not',
    labelNames: ['reason'],
    registers: [registry],
  })
  const faults = new Counter({
    name: 'xiangrong_faults_total',
    help: 'Unexpected errors, by place',
    labelNames: ['place'],
    registers: [registry],
  })
  return { registry, rows, waiting, decisions, faults }
}

export type Metrics = ReturnType<typeof createMetrics>
