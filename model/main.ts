// `make model`: visits all states of the abstract protocol, simulates the Quint model, refutes its mutations, and holds the core to the model's traces.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SOUND, type Rules } from './abstractQbft.js';
import { checkSlash } from './checkSlash.js';
import { parseArguments, type ModelOptions } from './config.js';
import { explore } from './exhaustive.js';
import { traceOfItf, type ModelTrace } from './modelTrace.js';
import { runQuint } from './quint.js';
import { replayTrace } from './replayTrace.js';

/** Traces of the model of penalties, for it and for each of its bugs. */
const PENALTY_SAMPLES = 200;
const print = (line: string): void => void process.stdout.write(`${line}\n`);
/** The rounds of 0 to 2 that the faulty one of four validators proposes in. */
const LEADS: readonly (readonly number[])[] = [[], [0], [1], [2]];
const ABSTRACT_MUTATIONS: Record<string, Partial<Rules>> = {
  quorumOneLower: { quorum: 2 },
  proposalUnjustified: { proposalsProved: false },
  preparedDropped: { preparedTold: false },
  lowestPreparedChosen: { highestChosen: false },
};
/** Each with the invariants that may refute it. */
const QUINT_MUTATIONS: Record<string, string[]> = {
  quorumOneLower: ['lockKept', 'agreement', 'preparedConsistent'],
  proposalUnjustified: ['lockKept', 'agreement'],
  preparedDropped: ['preparedTold', 'lockKept'],
  votesForgotten: ['preparedTold', 'noContradiction', 'lockKept', 'preparedConsistent'],
  roundChangeUnjustified: ['proposalsJustified', 'lockKept'],
};

function exploreAll(): string[] {
  const faults: string[] = [];
  let states = 0;
  for (const leads of LEADS) {
    const sound = explore(SOUND, leads);
    states += sound.states;
    if (sound.fault) faults.push(`abstract protocol: ${sound.fault.text}: ${JSON.stringify(sound.fault.state)}`);
    for (const [name, changes] of Object.entries(ABSTRACT_MUTATIONS)) {
      if (!explore({ ...SOUND, ...changes }, leads).fault)
        faults.push(`abstract protocol: mutation ${name} is not found when the faulty one leads round ${leads.join() || 'none'}`);
    }
  }
  print(`abstract protocol: all ${states} states of 4 validators, 1 faulty, rounds 0 to 2 are safe; 4 mutations are not`);
  return faults;
}

async function refuteMutations(seed: number): Promise<string[]> {
  const faults: string[] = [];
  for (const [module, invariants] of Object.entries(QUINT_MUTATIONS)) {
    const { broken } = await runQuint({ module, seed, samples: 1_500, steps: 50, invariants });
    if (broken.length === 0) faults.push(`Quint model: mutation ${module} is not refuted`);
    else print(`Quint model: mutation ${module} breaks ${broken.join(', ')}`);
  }
  return faults;
}

async function simulateAndReplay({ seed, samples, traces }: ModelOptions): Promise<string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'enc-model-'));
  try {
    const { broken, output } = await runQuint({ module: 'sound', seed, samples, steps: 70, tracesTo: { folder, traces } });
    print(`Quint model: ${output.replaceAll('\n', '\n  ')}`);
    if (broken.length > 0) return [`Quint model: ${broken.join(', ')} broken; replay with --seed ${seed}`];
    const files = (await readdir(folder)).sort();
    const found = await Promise.all(files.map(async (file) => traceOfItf(await readFile(path.join(folder, file), 'utf8'))));
    return replayAll(found);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function replayAll(traces: ModelTrace[]): string[] {
  const different = traces.map((trace) => replayTrace(trace)).filter((text) => text !== undefined);
  const events = traces.reduce((sum, { steps }) => sum + steps.length, 0);
  print(`core: ${traces.length} new traces of the model, ${events} events, replayed`);
  return different;
}

const options = parseArguments(process.argv.slice(2));
const [mutations, simulation] = await Promise.all([refuteMutations(options.seed), simulateAndReplay(options)]);
const penalties = await checkSlash({ samples: PENALTY_SAMPLES, seed: options.seed }, print);
const faults = [...exploreAll(), ...mutations, ...simulation, ...penalties];
for (const text of faults) print(`FAILED ${text}`);
process.exitCode = faults.length === 0 ? 0 : 1;
