// Prints what a run of faults gave, beside what is aimed at, and writes bench/results/faults.json.
import { median, table, writeResults, type Row } from '../../bench/results.js';
import type { Checked } from './checker/check.js';
import type { Run } from './run.js';

const AIM = { leaderMs: 2_000, quorumMs: 2_000, operatorMs: 5_000, idlePercent: 5, residentMiB: 600 };

const row = (metric: string, unit: string, ours: number, aim: number | null = null): Row => ({ metric, unit, ours, peer: aim, peerName: aim === null ? '' : 'aimed at, at most', better: 'lower' });

function rows(run: Run, { lost, heights }: Checked): Row[] {
  const { recovery, idle, answers } = run;
  const refused = Object.values(answers).reduce((sum, one) => sum + one.refused, 0);
  const [validators] = idle;
  const whole = idle.at(-1)!;
  return [
    row('faults injected', 'faults', run.injected.reduce((sum, { count }) => sum + count, 0)),
    row('longest without a block, at most f faulty', 'ms', run.longestPauseMs),
    row('answers refused', 'answers', refused),
    row('acknowledged verdicts or receipts lost', 'receipts', lost, 0),
    row('blocks checked', 'blocks', heights),
    row('leader killed to next block, median', 'ms', median(recovery.leaderMs), AIM.leaderMs),
    row('leader killed to next block, worst', 'ms', Math.max(...recovery.leaderMs), AIM.leaderMs),
    row('quorum back to next block, worst', 'ms', Math.max(...recovery.quorumMs), AIM.quorumMs),
    row('operator leader killed to next pod bound, worst', 'ms', Math.max(...recovery.operatorMs), AIM.operatorMs),
    row('webhook replica killed: answers lost beyond in-flight', 'answers', recovery.webhooks.reduce((sum, one) => sum + one.lost, 0), 0),
    row('webhook replica killed: in-flight answers lost', 'answers', recovery.webhooks.reduce((sum, one) => sum + one.inFlight, 0)),
    row('idle, 4 validators', '% of a core', validators!.percent, AIM.idlePercent),
    row('idle, 4 validators, resident', 'MiB', validators!.residentMiB, AIM.residentMiB),
    row('idle, all ten programs', '% of a core', whole.percent),
    row('idle, all ten programs, resident', 'MiB', whole.residentMiB),
    row('start to first certified block', 'ms', run.firstBlockMs, 60_000),
    row('start to everything ready', 'ms', run.readyMs),
  ];
}

function tell(run: Run, checked: Checked): void {
  console.log(`\n${table(run.injected.map(({ kind, count, longestPauseMs }) => [kind, String(count), String(Math.round(longestPauseMs))]), ['fault', 'times', 'longest without a block, ms'])}\n`);
  for (const { kind, why } of run.skipped) console.log(`not injected: ${kind}: ${why}`);
  console.log(`${run.blocks} blocks in ${Math.round(run.seconds)} s under load`);
  for (const [way, { acknowledged, refused, why }] of Object.entries(run.answers)) {
    console.log(`${way}: ${acknowledged} acknowledged, ${refused} refused`);
    for (const [words, count] of [...why].toSorted(([, a], [, b]) => b - a).slice(0, 4)) console.log(`    ${count} × ${words}`);
  }
  if (run.ownEnds.length > 0) console.log(`ended by themselves and started again: ${run.ownEnds.join(', ')}`);
  console.log();
  for (const { what, holds, detail } of checked.findings) console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}: ${detail}`);
}

/** True when nothing was lost and everything that must hold does. */
export function report(run: Run, checked: Checked): boolean {
  tell(run, checked);
  const lostAnswers = run.recovery.webhooks.some(({ lost }) => lost > 0);
  for (const wrong of run.wrong) console.log(`FAIL answered the other way than the policies have it: ${wrong}`);
  if (lostAnswers) console.log('FAIL answers were lost that no killed replica held');
  writeResults('faults', 1, rows(run, checked));
  return checked.findings.every(({ holds }) => holds) && run.wrong.length === 0 && !lostAnswers;
}
