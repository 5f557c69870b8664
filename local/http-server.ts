import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens on this machine only. */
export interface LocalServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  stop(): Promise<void>;
}

/** @param port 0 takes any free one */
export async function listen(handler: http.RequestListener, port = 0): Promise<LocalServer> {
  const server = http.createServer(handler);
  // A connection that the server closes while a request is on its way would look like a fault.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(isTaken(error) ? new PortTaken(port) : error));
    server.listen(port, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${portOf(server.address())}`, stop: () => close(server) };
}

/** Somebody else listens there: mostly another `npm start`. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
  constructor(port: number) {
    super(
      `Port ${port} is taken, perhaps by another npm start. Name another one: PORT=${port + 1} npm start. 端口已被占用，请用 PORT 指定其他端口。`,
    );
  }
}

const isTaken = (error: Error): boolean => 'code' in error && error.code === 'EADDRINUSE';

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('The server does not listen.');
  return address.port;
}

function close(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

export async function readBody(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
