import { serverWith } from './support.ts';

/* The development server in a process of its own, which its parent kills. */

process.once('message', async ({ port, folder }: { port: number; folder: string }) => {
  const server = await serverWith(folder, { port });
  process.send?.({ url: server.url, token: await server.issueToken('osei') });
});
