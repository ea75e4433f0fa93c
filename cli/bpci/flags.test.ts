// Every flag's values: what is taken, and what is refused with which words.
import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { accounts, blockTime, bpi, chainId, consensus, endpoint, finalityThreshold, height, hostPorts, port, validatorSetSize } from './flags.js';

describe('takes', () => {
  it.each([
    [port, '21001', 21001],
    [height, '7', 7],
    [finalityThreshold, '67', 67],
    [finalityThreshold, '100', 100],
    [validatorSetSize, '1', 1],
    [validatorSetSize, '3', 3],
    [validatorSetSize, '4', 4],
    [bpi, '500.25', 500_250_000],
    [validatorSetSize, '7', 7],
    [blockTime, '2s', 2000],
    [blockTime, '500ms', 500],
    [chainId, 'bpci-mainnet', 'bpci-mainnet'],
    [consensus, 'ibft', 'ibft'],
    [endpoint, 'http://127.0.0.1:21001/', 'http://127.0.0.1:21001'],
    [hostPorts, 'bpci-0.bpci:21300', [{ host: 'bpci-0.bpci', port: 21300 }]],
    [hostPorts, '[::1]:21300', [{ host: '::1', port: 21300 }]],
    [accounts, 'operator:operator,party:1000000.5:2000', [{ name: 'operator', roles: ['operator', 'party'], balance: 1_000_000_500_000, stake: 2_000_000_000 }]],
  ] as [(text: string) => unknown, string, unknown][])('%o %s', (read, text, value) => {
    expect(read(text)).toEqual(value);
  });
});

describe('refuses', () => {
  it.each([
    [port, '0', /1 to 65535/],
    [port, '65536', /1 to 65535/],
    [port, '21001x', /port number/],
    [height, '0', /height/],
    [finalityThreshold, '66', /67 to 100/],
    [finalityThreshold, '101', /67 to 100/],
    [validatorSetSize, '0', /3 to 100/],
    [validatorSetSize, '2', /2 validators stop as soon as one of them does; use 1 .*, 3, or at least 4/],
    [validatorSetSize, '101', /3 to 100/],
    [validatorSetSize, '-4', /3 to 100/],
    [bpi, '0', /the amount is 0/],
    [bpi, '1e3', /the amount is "1e3"/],
    [blockTime, '2', /such as 2s/],
    [blockTime, '50ms', /100ms to 60s/],
    [chainId, 'Main_Net', /lower-case/],
    [consensus, 'raft', /ibft/],
    [endpoint, '127.0.0.1:21001', /URL/],
    [hostPorts, 'host', /HOST:PORT/],
    [hostPorts, 'host:99999', /65535/],
    [accounts, 'a', /NAME:ROLE|role ""/],
    [accounts, 'a:king:1:1', /role "king" of account a/],
    [accounts, 'a:party:1.0000001:1', /balance of account a is "1.0000001"/],
    [accounts, 'a:party:1:-1', /stake of account a/],
    [accounts, 'A B:party:1:1', /NAME:ROLE/],
  ] as [(text: string) => unknown, string, RegExp][])('%o %s', (read, text, message) => {
    expect(() => read(text)).toThrow(InvalidArgumentError);
    expect(() => read(text)).toThrow(message);
  });

  it('an account given twice', () => {
    expect(() => accounts('a:party:1:1', accounts('a:party:1:1'))).toThrow(/given twice/);
  });
});
