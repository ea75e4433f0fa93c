// Lint rules: types are checked, promises are not dropped, and functions and files stay small (docs/contributing).
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'api/generated/**', '.enc/**', '*.config.*', '.dependency-cruiser.cjs'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      complexity: ['error', 15],
      'max-depth': ['error', 4],
      'max-params': ['error', 5],
      'max-lines': ['error', { max: 450, skipBlankLines: false }],
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'Read the environment in a config.ts and pass it down.' }],
      eqeqeq: 'error',
    },
  },
  { files: ['**/config.ts', '**/*.test.ts', 'e2e/**', 'bench/**'], rules: { 'no-restricted-properties': 'off' } },
);
