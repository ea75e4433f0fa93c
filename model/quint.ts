// Runs Quint's simulator on one module of the model, with the back end that needs nothing beyond its npm package.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const MODELS = path.join(import.meta.dirname, '../../model');
const INVARIANTS = ['agreement', 'preparedConsistent', 'lockKept', 'noContradiction', 'preparedTold', 'proposalsJustified', 'quorumsIntersect'];
const WITNESSES = ['someoneDecided', 'decidedLater', 'carriedOver'];

export interface QuintRun {
  /** In model/; of consensus unless given. */
  file?: string;
  module: string;
  seed: number;
  samples: number;
  steps: number;
  /** Folder for `traces` traces in the Informal Trace Format. */
  tracesTo?: { folder: string; traces: number };
  /** Two at least, or Quint does not name the broken one; all unless given. */
  invariants?: string[];
  /** How often traces came to these states; of consensus unless given. */
  witnesses?: string[];
}
export interface QuintResult {
  /** Names of the invariants that a trace broke. */
  broken: string[];
  output: string;
}

/** Rejects when Quint did not end by itself with a verdict. */
export function runQuint({ module, seed, samples, steps, tracesTo, file = 'mutants.qnt', invariants = INVARIANTS, witnesses = WITNESSES }: QuintRun): Promise<QuintResult> {
  const args = [
    createRequire(import.meta.url).resolve('@informalsystems/quint/dist/src/cli.js'),
    'run',
    path.join(MODELS, file),
    '--backend=typescript',
    `--main=${module}`,
  ];
  args.push(
    `--seed=${seed}`,
    `--max-samples=${samples}`,
    `--max-steps=${steps}`,
    '--verbosity=1',
    '--invariants',
    ...invariants,
    '--witnesses',
    ...witnesses,
  );
  if (tracesTo) args.push(`--out-itf=${path.join(tracesTo.folder, `${module}_{seq}.itf.json`)}`, `--n-traces=${tracesTo.traces}`);
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      const broken = [...output.matchAll(/❌ (\w+)/g)].map(([, name]) => name!);
      if (!/\[(ok|violation)\]/.test(output) || (error === null) !== (broken.length === 0))
        reject(new Error(`quint on ${module} gave no verdict: ${output}`));
      else resolve({ broken, output: output.trim() });
    });
  });
}
