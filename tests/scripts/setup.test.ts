import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('what builds and runs the system is installed where NODE_ENV says production, as in most containers', () => {
  const root = mkdtempSync(join(tmpdir(), 'xiangrong-'))
  try {
    mkdirSync(join(root, 'scripts'))
    mkdirSync(join(root, 'builder'))
    cpSync(
      fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url)),
      join(root, 'scripts/setup.mjs'),
    )
    writeFileSync(join(root, 'builder/package.json'), '{"name":"builder","version":"1.0.0"}')
    writeFileSync(join(root, 'package.json'), '{"devDependencies":{"builder":"file:builder"}}')
    writeFileSync(join(root, 'package-lock.json'), '{"lockfileVersion":3,"packages":{}}')
    // It fails after the installation, as there are no maps to build.
    spawnSync(process.execPath, [join(root, 'scripts/setup.mjs')], {
      env: { PATH: process.env.PATH, HOME: root, NODE_ENV: 'production' },
    })
    expect(existsSync(join(root, 'node_modules/builder/package.json'))).toBe(true)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
