import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that arrived at a `HubServer`. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
}

/** Answers a request in place of the server and says so with true. */
export type Interception = (request: SeenRequest, response: ServerResponse) => boolean;

/** A server on this machine that plays a model hub with one repository. */
export class HubServer {
  readonly id = 'someone/tiny-model';
  readonly commit = '0123456789abcdef0123456789abcdef01234567';
  /** Contents by name. */
  readonly files = new Map<string, Buffer>();
  /** Names of the files that are kept as large ones, by SHA-256. */
  readonly large = new Set<string>();
  readonly requests: SeenRequest[] = [];
  intercept: Interception = () => false;
  readonly #server = createServer((request, response) => this.#answer(request, response));

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  digest(name: string): string {
    const content = this.files.get(name)!;
    if (this.large.has(name)) return createHash('sha256').update(content).digest('hex');
    return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  }

  /** The requests for contents, as `METHOD name`. */
  downloads(): string[] {
    return this.requests
      .filter(({ path }) => path.includes('/resolve/'))
      .map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);
  }

  /** Sends a file as a CDN does. */
  send(name: string, range: string | undefined, response: ServerResponse, end?: number): void {
    const content = this.files.get(name)!;
    const start = Number(/^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    const last = content.length - 1;
    response.writeHead(range ? 206 : 200, {
      'content-length': content.length - start,
      ...(range ? { 'content-range': `bytes ${start}-${last}/${content.length}` } : {}),
    });
    if (end === undefined) response.end(content.subarray(start));
    else response.write(content.subarray(start, end), () => response.destroy());
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', this.address);
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: pathname,
      authorization: request.headers.authorization,
      range: request.headers.range,
    };
    this.requests.push(seen);
    if (this.intercept(seen, response)) return;
    const json = (value: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    const api = `/api/models/${this.id}`;
    if (pathname === `${api}/revision/main` || pathname === `${api}/revision/${this.commit}`) {
      json({
        _id: '1',
        id: this.id,
        sha: this.commit,
        siblings: [...this.files.keys()].map((rfilename) => ({ rfilename })),
      });
    } else if (pathname === `${api}/tree/${this.commit}`) json(this.#tree());
    else this.#resolve(seen, response);
  }

  #resolve({ method, path, range }: SeenRequest, response: ServerResponse): void {
    const [, name] = new RegExp(`^/${this.id}/resolve/(?:main|${this.commit})/([^/]+)$`).exec(path) ?? [];
    if (name === undefined || !this.files.has(name)) {
      response.writeHead(404, { 'x-error-code': name ? 'EntryNotFound' : 'RepoNotFound' }).end();
      return;
    }
    response.setHeader('x-repo-commit', this.commit);
    response.setHeader('etag', `"${this.digest(name)}"`);
    if (this.large.has(name)) {
      response.setHeader('x-linked-etag', `"${this.digest(name)}"`);
      response.setHeader('x-linked-size', this.files.get(name)!.length);
    }
    if (method === 'HEAD') response.writeHead(200, { 'content-length': this.files.get(name)!.length }).end();
    else this.send(name, range, response);
  }

  #tree(): object[] {
    return [...this.files].map(([path, content]) => {
      const isLarge = this.large.has(path);
      const oid = isLarge ? 'f'.repeat(40) : this.digest(path);
      const lfs = { oid: this.digest(path), size: content.length, pointerSize: 134 };
      return { type: 'file', path, oid, size: content.length, ...(isLarge ? { lfs } : {}) };
    });
  }
}
