// What kubectl enc test prints: a table for people, JSON and JUnit XML for a CI.
import { describeViolation } from '../../../policy/message.js';
import type { Violation } from '../../../policy/types.js';
import { table } from '../../bpci/table.js';
import { showObject } from '../objectKinds.js';
import type { Judged } from './judge.js';

export const FORMATS = ['table', 'json', 'junit'] as const;
export type Format = (typeof FORMATS)[number];

const refusals = ({ verdict }: Judged): Violation[] => verdict.violations.filter(({ action }) => action !== 'audit');
const named = ({ kind, name, rule }: Violation) => (kind === 'Guard' ? name : [name, rule].filter(Boolean).join('/'));

function asTable(judged: readonly Judged[]): string {
  const rows = judged.map((one) => [one.verdict.decision === 'allow' ? 'pass' : 'FAIL', one.verdict.light, showObject(one.object), refusals(one).map(named).join(', ') || '-']);
  const why = judged.flatMap((one) => [
    ...refusals(one).map((violation) => `${showObject(one.object)} (${one.file}): ${describeViolation(violation)}`),
    ...one.verdict.warnings.map((warning) => `${showObject(one.object)} (${one.file}): ${warning}`),
  ]);
  return [table([['RESULT', 'LIGHT', 'OBJECT', 'REFUSED BY'], ...rows]), ...(why.length > 0 ? ['', ...why] : [])].join('\n');
}

function asJson(judged: readonly Judged[]): string {
  return JSON.stringify(judged.map(({ file, object, verdict }) => ({ file, object, ...verdict })), null, 2);
}

/** XML 1.0 has no way to write control characters, so they become blanks. */
const escaped = (text: string) =>
  text.replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, ' ').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function asJunit(judged: readonly Judged[]): string {
  const failures = judged.filter(({ verdict }) => verdict.decision === 'refuse').length;
  const cases = judged.map((one) => {
    const open = `    <testcase classname="${escaped(one.file)}" name="${escaped(showObject(one.object))}"`;
    if (one.verdict.decision === 'allow') return `${open}/>`;
    const found = refusals(one);
    return `${open}>\n      <failure type="${escaped(found.map(named).join(', '))}" message="${escaped(one.verdict.message)}">${escaped(found.map(describeViolation).join('\n'))}</failure>\n    </testcase>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="${judged.length}" failures="${failures}">\n  <testsuite name="kubectl enc test" tests="${judged.length}" failures="${failures}">\n${cases.join('\n')}\n  </testsuite>\n</testsuites>`;
}

const FORMAT: Readonly<Record<Format, (judged: readonly Judged[]) => string>> = { table: asTable, json: asJson, junit: asJunit };
export const report = (judged: readonly Judged[], format: Format): string => FORMAT[format](judged);
