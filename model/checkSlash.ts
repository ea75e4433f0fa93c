// Checks the model of penalties with Quint's simulator: no invariant breaks in it, and each of its deliberate bugs is found.
import { runQuint } from './quint.js';

const INVARIANTS = ['conserved', 'escrowIsWhatIsDisputed', 'nothingBelowZero', 'paidOnce', 'honestGetFinalOnly', 'leavesSlowly'];
const WITNESSES = ['wasReversed', 'wasPaidOut'];
const BUGS: Readonly<Record<string, string>> = {
  earlyRelease: 'leavesSlowly',
  seizeTwice: 'escrowIsWhatIsDisputed',
  appealAgain: 'paidOnce',
  payReversed: 'paidOnce',
};

/** Invariants of the module that a trace broke. */
async function brokenIn(module: string, { samples, seed = 1 }: { samples: number; seed?: number }): Promise<string[]> {
  const { broken } = await runQuint({ file: 'slash.qnt', module, seed, samples, steps: 25, invariants: INVARIANTS, witnesses: WITNESSES });
  return broken;
}

/** What is wrong with the model, or with its power to notice; empty when nothing is. */
export async function checkSlash({ samples, seed }: { samples: number; seed: number }, print: (line: string) => void): Promise<string[]> {
  const broken = await brokenIn('right', { samples, seed });
  if (broken.length > 0) return [`model of penalties: ${broken.join(', ')} break`];
  print(`model of penalties: ${INVARIANTS.length} invariants hold in ${samples} traces`);
  const faults: string[] = [];
  for (const [bug, invariant] of Object.entries(BUGS)) {
    const found = await brokenIn(bug, { samples, seed });
    if (found.includes(invariant)) print(`model of penalties: bug ${bug} breaks ${found.join(', ')}`);
    else faults.push(`model of penalties: bug ${bug} does not break ${invariant}`);
  }
  return faults;
}
