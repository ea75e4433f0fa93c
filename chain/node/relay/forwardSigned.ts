// What only a validator can sign is asked of one: receipts, whose envelopes carry its signature, and the log's cosigned checkpoint. Who reads them verifies them.
import type { RequestListener } from 'node:http';
import type { EndpointPool } from '../../client/endpointPool.js';
import { ApiError } from '../api/apiError.js';

const SIGNED = /^\/v1\/(receipts(\/|\?|$)|log\/checkpoint$)/;

/** Everything else goes to `own`. */
export function forwardSigned(pool: EndpointPool, timeoutMs: number, own: RequestListener): RequestListener {
  return (request, response) => {
    const { method, url = '' } = request;
    if (method !== 'GET' || !SIGNED.test(url)) return own(request, response);
    void ask(pool, url, timeoutMs).then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  };
}

/** Of the first that answers at all, the best first. */
async function ask(pool: EndpointPool, path: string, timeoutMs: number): Promise<{ status: number; type: string; body: string }> {
  for (const { transport } of pool.ordered(Date.now())) {
    try {
      return await transport.text(path, timeoutMs);
    } catch {
      // The next one; that none answers is said below.
    }
  }
  const { status, body } = new ApiError('NotYet', 'no validator answers this relay at the moment; try again, or ask one of them');
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}
