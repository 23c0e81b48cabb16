import { AppError } from '#domain/error.ts'
import { openStores, type Stores } from '#sql/open.ts'
import { type Config, readConfig } from '../api/config.ts'

/**
 * For a script that works beside a stopped server: runs `work` on the stores of the settings and ends the process with the
 * exit code that it answers. Where no server ever was nothing is made, and nothing called sound: a setting is wrong then.
 */
export async function onBegunStores(
  work: (stores: Stores, config: Config) => Promise<number>,
): Promise<never> {
  try {
    const config = readConfig(process.env, 'begun')
    const stores = await openStores(config)
    await rejectUnbegun(stores)
    const code = await work(stores, config)
    await stores.close()
    process.exit(code)
  } catch (error) {
    // What an operator can mend is one line; anything else is a defect and shows where it happened.
    if (!(error instanceof AppError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

/** A server leaves its mark before anything else. @throws AppError `bad_setting`. */
async function rejectUnbegun({ postgres }: Stores): Promise<void> {
  const [mark] = await postgres.query(`SELECT 1 FROM facts WHERE name = 'secret-mark'`)
  if (!mark)
    throw new AppError(
      'bad_setting',
      'no server has begun these stores; set DATABASE_URL and DATA_DIR as it has them',
    )
}
