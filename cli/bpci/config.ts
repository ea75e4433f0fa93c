// Where bpci finds a validator when no flag says so: the only place of the command that reads the environment.

export const DEFAULT_ENDPOINT = process.env['BPCI_ENDPOINT'] ?? 'http://127.0.0.1:21001';
export const DEFAULT_DATA_DIR = process.env['BPCI_DATA_DIR'] ?? '.enc/mainnet';
