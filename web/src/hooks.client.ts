import { z } from 'zod'

// The content policy lets no text become code: zod would try once, be refused and say so in the console.
z.config({ jitless: true })
