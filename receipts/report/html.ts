// The report as a page for people, which needs nothing but itself; each statement links to its receipts beside it.
import type { ReceiptPredicate } from '../types.js';
import type { Finding } from './findings.js';
import { isoTime, receiptFile, reportTitle, type ReportHeader } from './reportHeader.js';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}
table{border-collapse:collapse;width:100%;font-size:.85rem}td,th{border-bottom:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}
.satisfied{color:#14691b}.not-satisfied{color:#a11}code{font-size:.85em}summary{cursor:pointer}`;

function row({ receiptId, timestamp, blockHeight, operationType, outcome, object, reason }: ReceiptPredicate): string {
  const about = object ? [object.kind, object.namespace, object.name].filter(Boolean).join('/') : '';
  const cells = [isoTime(timestamp), String(blockHeight), operationType, outcome, about, reason].map((text) => `<td>${escapeHtml(text)}</td>`);
  return `<tr>${cells.join('')}<td><a href="${receiptFile(receiptId)}"><code>${receiptId.slice(0, 12)}…</code></a></td></tr>`;
}

function section({ id, title, state, reason, regulations, evidence }: Finding): string {
  const named = regulations.length > 0 ? `<p>Regulations: ${escapeHtml(regulations.join('; '))}</p>` : '';
  const head = '<tr><th>time</th><th>block</th><th>operation</th><th>outcome</th><th>object</th><th>reason</th><th>receipt</th></tr>';
  const table = evidence.length === 0 ? '<p>No receipt of the period is about it.</p>' : `<details><summary>${evidence.length} receipts</summary><table>${head}${evidence.map(row).join('\n')}</table></details>`;
  return `<section id="${escapeHtml(id)}"><h2>${escapeHtml(title)}</h2><p><strong class="${state}">${state}</strong>: ${escapeHtml(reason)}</p>${named}${table}</section>`;
}

export function htmlReport(header: ReportHeader, findings: readonly Finding[]): string {
  const { chainId, namespace, from, to, height, headerHash, receipts, agreement } = header;
  const title = escapeHtml(reportTitle(header));
  const under = agreement ? `<p>Agreement ${escapeHtml(agreement.name)}, <code>${agreement.hash}</code>, ${escapeHtml(agreement.state)}${agreement.regulations.length > 0 ? `; ${escapeHtml(agreement.regulations.join(', '))}` : ''}.</p>` : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head><body>
<h1>${title}</h1>
<p>From ${isoTime(from)} to ${isoTime(to)}: ${receipts} receipts of namespace ${escapeHtml(namespace)}, which the ledger's state as of block ${height} of chain ${escapeHtml(chainId)}
(<code>${headerHash}</code>) proves to be all. Each receipt verifies without any server: <code>kubectl enc verify --offline receipts/ID.json --genesis genesis.json</code>.</p>
${under}
<ul>${findings.map(({ id, title: what, state }) => `<li><a href="#${escapeHtml(id)}">${escapeHtml(what)}</a>: <span class="${state}">${state}</span></li>`).join('\n')}</ul>
${findings.map(section).join('\n')}
</body></html>
`;
}
