// What a container asks for that a root without CAP_SYS_RESOURCE cannot give: that capability, a lower OOM score, higher limits. Pure but for the object given.

export interface OciProcess {
  capabilities?: Record<string, string[] | undefined>;
  rlimits?: { type: string; hard: number; soft: number }[];
  oomScoreAdj?: number;
}

/** `hardFiles`: the most open files that may be given. Other limits are left to what they are. */
export function withoutLacking(one: OciProcess | undefined, hardFiles: number): void {
  if (!one) return;
  for (const [set, names] of Object.entries(one.capabilities ?? {})) one.capabilities![set] = names?.filter((name) => name !== 'CAP_SYS_RESOURCE');
  if ((one.oomScoreAdj ?? 0) < 0) one.oomScoreAdj = 0;
  one.rlimits = (one.rlimits ?? [])
    .filter(({ type }) => type === 'RLIMIT_NOFILE')
    .map(({ type, hard, soft }) => ({ type, hard: Math.min(hard, hardFiles), soft: Math.min(soft, hardFiles) }));
}
