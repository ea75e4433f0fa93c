// What the runtime wrapper takes out of a container's configuration, and what it leaves.
import { describe, expect, it } from 'vitest';
import { withoutLacking, type OciProcess } from './withoutLacking.js';

describe('withoutLacking', () => {
  it('takes out what cannot be given, and nothing else', () => {
    const one: OciProcess = {
      capabilities: { bounding: ['CAP_SYS_ADMIN', 'CAP_SYS_RESOURCE'], effective: ['CAP_SYS_RESOURCE'], ambient: undefined },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1_048_576, soft: 1_024 }, { type: 'RLIMIT_NPROC', hard: 1e9, soft: 1e9 }],
      oomScoreAdj: -500,
    };
    withoutLacking(one, 4_096);
    expect(one).toEqual({
      capabilities: { bounding: ['CAP_SYS_ADMIN'], effective: [], ambient: undefined },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 4_096, soft: 1_024 }],
      oomScoreAdj: 0,
    });
  });
  it('leaves a higher OOM score', () => {
    const one: OciProcess = { oomScoreAdj: 100 };
    withoutLacking(one, 1);
    expect(one.oomScoreAdj).toBe(100);
  });
});
