/** A bare Fastify route in a process of its own: what any answer costs on this machine. Prints its port. */
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';

const app = fastify();
app.get('/bare', async () => 'ok');
await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`);
process.once('disconnect', () => process.exit(0));
