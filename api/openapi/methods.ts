import type { RouterRoute } from 'hono/types'
import { servedBy } from '#domain/operation.ts'

/** The methods that an address takes, by the routes that are described; none where nothing has it. */
export function methodsAt(routes: readonly RouterRoute[], path: string): string[] {
  const methods = routes
    .flatMap((route) => servedBy(route.handler, route.method.toLowerCase(), route.path))
    .filter((served) => patternOf(served.path).test(path))
    .map(({ method }) => method.toUpperCase())
  return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)].sort()
}

/** `/batches/:batch` as it matches: a name in an address reaches to the next stroke. */
const patternOf = (path: string) => new RegExp(`^${path.split(/:\w+/).map(literal).join('[^/]+')}$`)
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
