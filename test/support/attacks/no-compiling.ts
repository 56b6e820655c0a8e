import * as z from 'zod';

// Before any schema is made: the page's policy refuses what zod would compile its checks with.
z.config({ jitless: true });
