import { type SaxesAttributePlain, SaxesParser } from 'saxes'
import { AppError } from '#domain/error.ts'

/** Elements inside each other beyond which a part is no sheet; the parser remembers every open one. */
const DEPTH_MAX = 64
/** Text or markup without an end beyond which the parser would hold too much. */
const SILENCE_CHARACTERS_MAX = 4 * 1024 * 1024

export type XmlHandler = {
  /** `name` without its prefix: files of some programs write `<x:row>`. */
  open(name: string, attributes: Readonly<Record<string, string>>): void
  text(text: string): void
  close(name: string): void
}

/**
 * Feeds XML to a handler piece by piece and yields after each piece, so that the caller can take what has come together.
 * Entities other than the five of XML are an error: nothing is ever expanded or fetched.
 * @throws AppError `bad_request`.
 */
export async function* parseXml(bytes: AsyncIterable<Buffer>, handler: XmlHandler): AsyncGenerator<void> {
  const parser = new SaxesParser({ xmlns: false, position: false })
  let depth = 0
  let silent = 0
  parser.on('opentag', (tag: { name: string; attributes: Record<string, SaxesAttributePlain> | object }) => {
    silent = 0
    if (++depth > DEPTH_MAX) throw unreadable()
    handler.open(local(tag.name), tag.attributes as Record<string, string>)
  })
  parser.on('closetag', (tag) => {
    silent = 0
    depth--
    handler.close(local(tag.name))
  })
  parser.on('text', (text) => {
    silent = 0
    handler.text(text)
  })
  parser.on('cdata', (text) => handler.text(text))
  parser.on('error', (cause) => {
    throw unreadable(cause)
  })
  const decoder = new TextDecoder('utf-8')
  for await (const part of bytes) {
    silent += part.length
    if (silent > SILENCE_CHARACTERS_MAX) throw unreadable()
    parser.write(decoder.decode(part, { stream: true }))
    yield
  }
  parser.write(decoder.decode())
  parser.close()
  yield
}

const local = (name: string) => (name.includes(':') ? name.slice(name.indexOf(':') + 1) : name)

// The parser's own message may quote the text around the fault, which may name a person.
export const unreadable = (_cause?: unknown) =>
  new AppError(
    'bad_request',
    'the XLSX file cannot be read inside; open it, save it again as .xlsx and send that',
    { zh: '这个 XLSX 文件内部读不出来，请打开后重新另存为 .xlsx 再上传' },
  )
