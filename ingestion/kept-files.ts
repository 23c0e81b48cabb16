import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { AppError } from '#domain/error.ts'
import type { Body, FilePlace, Received } from './formats/body.ts'

const MIB = 1024 * 1024
/** After its last use, which is as long as somebody may look at what was read of it and correct that. */
export const KEPT_MS = 10 * 60_000
/** Of one source, and of all: in bytes that is two and five of the largest files. */
const OF_SOURCE = { files: 4, bytes: 400 * MIB }
const OF_ALL = { files: 64, bytes: 1024 * MIB }

/** Whose a file is: the source it was sent for, and the person or key that sent it. */
export type FileOwner = { source: string; sender: string }

type Spooled = Extract<Received, { kind: 'spooled' }>
type Lent = { body: Spooled; contentType: string }
type KeptFile = FileOwner & Lent & { token: string; uses: number; expiry: NodeJS.Timeout | undefined }

/**
 * Files that were previewed, so that they need not come again over a slow line with each correction and when they are
 * sent. They lie among the uploads, and none of this is remembered over a restart, which removes them.
 */
export class KeptFiles {
  /** By token, the least recently used first. */
  readonly #files = new Map<string, KeptFile>()

  /**
   * Keeps what was received, in the file at `place`; the token it is asked for by, or `null` where all room is taken by
   * files in use. Then whoever received it removes it.
   */
  async keep(
    place: FilePlace,
    received: Received,
    contentType: string,
    owner: FileOwner,
  ): Promise<string | null> {
    const body = received.kind === 'spooled' ? received : await putDown(place, received)
    if (!this.#makeRoom(owner.source, body.bytes)) return null
    const token = randomBytes(24).toString('base64url')
    const file = { ...owner, token, body, contentType, uses: 0, expiry: undefined }
    this.#files.set(token, file)
    this.#expireLater(file)
    return token
  }

  /** Lends a file to its owner; it stays as long as it is used. @throws AppError `gone`, also for one of another owner. */
  async lend<T>(token: string, owner: FileOwner, use: (file: Lent) => Promise<T>): Promise<T> {
    const file = this.#files.get(token)
    if (!file || file.source !== owner.source || file.sender !== owner.sender) throw gone()
    this.#files.delete(token)
    this.#files.set(token, file)
    clearTimeout(file.expiry)
    file.uses++
    try {
      return await use(file)
    } finally {
      file.uses--
      if (file.uses === 0) await this.#putBack(file)
    }
  }

  /** Lends a file as the body of a request, as though it had come with it; who puts it down may do so by another name. @throws AppError `gone`. */
  async lendBody<T>(token: string, owner: FileOwner, use: (body: Body) => Promise<T>): Promise<T> {
    return await this.lend(token, owner, async ({ body, contentType }) => {
      const headers: Record<string, string> = {
        'content-type': contentType,
        'content-length': String(body.bytes),
        ...(body.isGzip && { 'content-encoding': 'gzip' }),
      }
      const stream = body.read()
      try {
        return await use({ header: (name) => headers[name], stream, file: body })
      } finally {
        await stream.return(undefined)
      }
    })
  }

  /** From now on nobody is lent this file; who uses it still has it to the end. */
  async discard(token: string): Promise<void> {
    const file = this.#files.get(token)
    if (!file) return
    clearTimeout(file.expiry)
    this.#files.delete(token)
    if (file.uses === 0) await remove(file)
  }

  /** Removes all that are not in use; whether there were any. */
  async giveWay(): Promise<boolean> {
    const idle = [...this.#files.values()].filter(({ uses }) => uses === 0)
    for (const { token } of idle) await this.discard(token)
    return idle.length > 0
  }

  async #putBack(file: KeptFile): Promise<void> {
    if (this.#files.has(file.token)) this.#expireLater(file)
    else await remove(file)
  }

  #expireLater(file: KeptFile): void {
    file.expiry = setTimeout(() => void this.discard(file.token).catch(() => undefined), KEPT_MS).unref()
  }

  /** Makes room for one more by removing those not used for longest, first of its own source. */
  #makeRoom(source: string, bytes: number): boolean {
    const isOwn = (file: KeptFile) => file.source === source
    return this.#shrink(isOwn, OF_SOURCE, bytes) && this.#shrink(() => true, OF_ALL, bytes)
  }

  #shrink(isCounted: (file: KeptFile) => boolean, most: typeof OF_ALL, bytes: number): boolean {
    for (;;) {
      const counted = [...this.#files.values()].filter(isCounted)
      const taken = counted.reduce((sum, file) => sum + file.body.bytes, bytes)
      if (counted.length < most.files && taken <= most.bytes) return true
      const oldest = counted.find(({ uses }) => uses === 0)
      if (!oldest) return false
      void this.discard(oldest.token).catch(() => undefined)
    }
  }
}

const remove = ({ body }: KeptFile) => rm(body.path, { force: true })

/** Its hash is taken now: that of the body in memory holds on to all of it. */
async function putDown(
  { path, seal }: FilePlace,
  { type, content, hash, heardMs }: Extract<Received, { kind: 'memory' }>,
): Promise<Spooled> {
  const writer = await seal.create(path)
  try {
    await writer.write(content)
    await writer.end()
  } finally {
    await writer.close()
  }
  const digest = hash()
  const file = { path, bytes: content.length, sealedAs: writer.sealedAs }
  return {
    ...file,
    kind: 'spooled',
    type,
    hash: () => digest,
    heardMs,
    isGzip: false,
    read: seal.readerOf(file),
  }
}

const gone = () =>
  new AppError('gone', 'this file is not kept any more; send it again', {
    zh: '这个文件已不再保留，请重新上传',
  })
