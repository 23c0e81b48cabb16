import { z } from 'zod'
import { json, type Operation, text } from '#domain/operation.ts'

/** `GET /healthz`, `/readyz` and `/metrics`: for whoever runs the system. */
export const HEALTH: Operation = {
  chapter: 'system',
  summary: { zh: '进程在运行', en: 'The process lives' },
  access: 'open',
  answers: { 200: json(z.object({ status: z.literal('ok') }), { status: 'ok' }) },
}
export const READINESS: Operation = {
  chapter: 'system',
  summary: { zh: '两个存储都能应答', en: 'Both stores answer' },
  access: 'open',
  answers: { 200: json(z.object({ status: z.literal('ready') }), { status: 'ready' }) },
  errors: ['store_away'],
}
export const METRICS: Operation = {
  chapter: 'system',
  summary: { zh: 'Prometheus 指标', en: 'Metrics for Prometheus' },
  access: 'open',
  answers: { 200: text('text/plain', 'process_cpu_user_seconds_total 1.5\n') },
}
