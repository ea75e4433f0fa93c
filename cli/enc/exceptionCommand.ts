// kubectl enc exception: an approver's signature under a PolicyException, wherever the approver keeps its key.
import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parseDocument } from 'yaml';
import { formatFieldErrors } from '../../api/fieldError.js';
import type { PolicyException } from '../../api/index.js';
import { validatePolicyException } from '../../api/validate/validatePolicyException.js';
import { exceptionHash, signException } from '../../chain/client/exceptionSignatures.js';
import { loadKeyFile } from '../../chain/client/keyFile.js';
import { CliError } from '../bpci/cliError.js';
import { readInput } from './config.js';
import type { Print } from './options.js';

export function addExceptionCommand(program: Command, print: Print): void {
  program
    .command('exception')
    .description('approvals of PolicyExceptions')
    .command('sign')
    .description("add an approver's signature to a PolicyException; any change of it afterwards makes the signature void")
    .argument('<file>', 'the PolicyException, YAML or JSON')
    .requiredOption('--key <file>', "the approver's key file (kubectl enc agreement keygen makes one)")
    .option('-o, --output <file>', 'where the signed PolicyException goes (default: standard output)')
    .action((file: string, flags: { key: string; output?: string }) => sign(file, flags, print));
}

function sign(file: string, { key, output }: { key: string; output?: string }, print: Print): void {
  const document = parseDocument(readInput('FILE', file));
  if (document.errors.length > 0) throw new CliError(`${file}: is neither YAML nor JSON: ${document.errors[0]!.message.split('\n')[0]}`);
  const exception = document.toJS() as PolicyException | null;
  if (exception?.kind !== 'PolicyException') throw new CliError(`${file}: kind is "${String(exception?.kind)}", expected a PolicyException`);
  const name = exception.metadata?.name;
  if (typeof name !== 'string') throw new CliError(`${file}: metadata.name is missing; the signature is under the name too`);
  const errors = validatePolicyException(exception);
  if (errors.length > 0) throw new CliError(`${file}: ${formatFieldErrors(errors)}`);
  const pair = loadKeyFile(key);
  const spec = signException(name, exception.spec, pair);
  document.setIn(['spec', 'approvals'], document.createNode(spec.approvals));
  const text = document.toString({ lineWidth: 0 });
  if (output === undefined) return print(text.trimEnd());
  try {
    writeFileSync(output, text);
  } catch (cause) {
    throw new CliError(`--output ${output}: cannot be written (${(cause as NodeJS.ErrnoException).code})`, 2, { cause });
  }
  print(`${pair.publicKey} signed PolicyException ${name}, hash ${exceptionHash(name, spec)}, until ${spec.expiresAt}\nwritten to ${output}`);
}
