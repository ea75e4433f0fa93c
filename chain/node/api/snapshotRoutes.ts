// GET /v1/snapshot, /v1/snapshot/{height}/{depth}/{part}: the state at an earlier height in parts, for relays that start far behind.
import { ApiError } from './apiError.js';
import type { ApiContext } from './context.js';
import type { Parameter, Route } from './route.js';

const number = (name: string, description: string): Parameter => ({ name, in: 'path', description, type: 'integer', required: true });

export function snapshotRoutes({ snapshots }: ApiContext): Route[] {
  return [
    {
      method: 'get',
      path: '/v1/snapshot',
      summary: 'The newest snapshot of the state: its certified header, the steps to the set that certified it, and what each part must give',
      answer: { type: 'object', required: ['version', 'header', 'certificate', 'steps', 'depth', 'parts', 'edge'] },
      handle: async () => {
        const manifest = await snapshots.latest();
        if (!manifest) throw new ApiError('NotFound', 'this node has made no snapshot yet, or makes none; ask another');
        return manifest;
      },
    },
    {
      method: 'get',
      path: '/v1/snapshot/{height}/{depth}/{part}',
      summary: 'The records of one part of a snapshot: [key, value] pairs',
      parameters: [number('height', "the snapshot's height"), number('depth', "the snapshot's depth"), number('part', 'a part, from 0')],
      answer: { type: 'array' },
      handle: async ({ height, depth, part }, _request, response) => {
        const records = await snapshots.part(height as number, depth as number, part as number);
        if (records === undefined) throw new ApiError('NotFound', `there is no part ${part} of a snapshot at ${height}; the newest is in /v1/snapshot`);
        response.type('application/json').send(records);
        return undefined;
      },
    },
  ];
}
