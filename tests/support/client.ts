import type { TestServer } from './server.ts'

/** One browser's worth of cookies against a server: what it is sent it keeps, as a browser would. */
export class Client {
  readonly #url: string
  readonly #cookies = new Map<string, string>()

  constructor(server: Pick<TestServer, 'url'>) {
    this.#url = server.url
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Asks with the cookies it has; a body makes it a POST. */
  async ask(path: string, body?: unknown, init: { method?: string; headers?: Record<string, string> } = {}) {
    const response = await fetch(new URL(path, this.#url), {
      method: init.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        cookie: this.cookie,
        origin: this.#url,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...init.headers,
      },
      redirect: 'manual',
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (value === '' || /max-age=0/i.test(set)) this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    const text = await response.text()
    const isJson = text !== '' && (response.headers.get('content-type') ?? '').includes('json')
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
  }

  signIn(account: { username: string; password: string }) {
    return this.ask('/v1/auth/sign-in/username', { username: account.username, password: account.password })
  }
}
