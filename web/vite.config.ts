import { fileURLToPath } from 'node:url'
import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

const API = 'http://127.0.0.1:8080'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    sveltekit({
      // The reporting page registers its worker for itself.
      serviceWorker: { register: false },
      adapter: adapter({
        pages: fileURLToPath(new URL('build', import.meta.url)),
        fallback: '200.html',
        precompress: true,
      }),
      // The one inline script is SvelteKit's starter; its hash goes into a <meta> of the fallback page.
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['self'],
          'script-src': ['self'],
          'style-src': ['self'],
          // SvelteKit's line for screen readers is placed by a style attribute of just this text; nothing else may have one.
          'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
          'img-src': ['self', 'data:'],
          'connect-src': ['self'],
          'object-src': ['none'],
          'base-uri': ['none'],
        },
      },
    }),
  ],
  // The root node_modules holds socket.io's older `cookie`; SvelteKit needs its own nested one, so bundle it.
  ssr: { noExternal: ['cookie'] },
  // Small font files would otherwise become data: URLs, which the content policy refuses.
  build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 900 },
  server: { proxy: { '/v1': API, '/live': { target: API, ws: true } } },
})
