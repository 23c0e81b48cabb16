import { createContext } from 'svelte'
import type { Live } from './live.svelte.ts'

/** The one live connection of the pages under the layout that sets it. */
export const [getLive, setLive] = createContext<Live>()
