import type { SourceKey } from '#domain/source-key.ts'
import { plainNetwork } from '../routes/(admin)/sources/text.ts'
import { countText } from './format.ts'
import { locale, t } from './locale.svelte.ts'
import { placeName } from './place-name.ts'

type Limits = Partial<Pick<SourceKey, 'kinds' | 'region' | 'allowedAddresses' | 'rowsPerMinute'>>

/** What narrows a key, in words, for each limit that there is. */
export function limitTexts({ kinds, region, allowedAddresses = [], rowsPerMinute }: Limits): string[] {
  return [
    kinds?.map((kind) => t(`kind.${kind}`)).join(locale.lang === 'zh' ? '、' : ', ') ?? '',
    region ? placeName(region, locale.lang) : '',
    allowedAddresses.length > 0
      ? t('keys.from', { addresses: allowedAddresses.map(plainNetwork).join(' ') })
      : '',
    rowsPerMinute ? t('keys.rate', { rows: countText(rowsPerMinute) }) : '',
  ].filter(Boolean)
}
