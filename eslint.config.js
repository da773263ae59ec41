import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// Pure folders decide; they never touch the world (design: "Pure: diagnosers, planners, declarations, policy").
const pure = [
  'src/ansible/**',
  'src/core/**',
  'src/config/**',
  'src/declarations/**',
  'src/diagnosers/**',
  'src/editors/**',
  'src/inventory/**',
  'src/planners/**',
  'src/policy/**',
  'src/records/**',
  'src/signals/**',
  'src/texts/**',
];

export default tseslint.config(
  { ignores: ['node_modules/**', 'coverage/**', 'dist/**', '**/cdktf.out/**'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly' },
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', 'bin/*.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: pure,
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'performance'],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'time comes in as an argument' },
        {
          selector: "MemberExpression[object.name='Date'][property.name='now']",
          message: 'time comes in as an argument',
        },
        {
          selector: "MemberExpression[object.name='Math'][property.name='random']",
          message: 'ids come in as arguments',
        },
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            'node:fs*',
            'node:child_process',
            'node:http*',
            'node:net',
            'node:os',
            'node:process',
            'node:timers*',
            'execa',
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: { globals: { module: 'writable' }, parserOptions: { projectService: false } },
  },
  {
    files: [
      'src/cli.ts',
      'src/cli/**',
      'tests/demo/**',
      'tests/crash/**',
      'tests/tools/**',
      'simulators/**',
      'infra/stacks/**',
      'bin/**',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['tests/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
