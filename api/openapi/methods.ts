import type { RouterRoute } from 'hono/types'
import { servedBy } from '#domain/operation.ts'

/** Tells of an address which methods it takes, by the routes that are described; none where nothing has it. */
export function methodsBy(routes: readonly RouterRoute[]): (path: string) => string[] {
  const all = routes
    .flatMap((route) => servedBy(route.handler, route.method.toLowerCase(), route.path))
    .map(({ method, path }) => ({ method: method.toUpperCase(), pattern: patternOf(path) }))
  return (path) => {
    const methods = all.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
    return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)].sort()
  }
}

/** `/batches/:batch` as it matches: a name in an address reaches to the next stroke. */
const patternOf = (path: string) => new RegExp(`^${path.split(/:\w+/).map(literal).join('[^/]+')}$`)
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
