// Receipts as the table that people read.
import type { ReceiptPredicate } from '../../receipts/types.js';
import { table, timeOf } from '../bpci/table.js';
import { showObject } from './objectKinds.js';

export function receiptTable(predicates: readonly ReceiptPredicate[]): string {
  return table([['BLOCK', 'TIME', 'OPERATION', 'OBJECT', 'OUTCOME', 'CODE', 'RECEIPT'], ...predicates.map(row)]);
}

function row({ blockHeight, timestamp, operationType, object, outcome, code, receiptId }: ReceiptPredicate): (string | number)[] {
  return [blockHeight, timeOf(timestamp), operationType, object ? showObject(object) : '-', outcome, code, receiptId];
}
