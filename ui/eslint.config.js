import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** Only the host folder may speak to the desktop shell; the rest sees the Host interface. */
const hostOnly = {
  patterns: [{ group: ['@tauri-apps/*'], message: 'Only src/host may import Tauri: use the Host interface.' }],
};

/** Features share through state/ and components/, never with each other. App.svelte puts them together. */
const features = ['inbox', 'reader', 'search', 'wizard', 'composer', 'crm', 'customers', 'settings'];
const walls = features.map((feature) => ({
  files: [`src/features/${feature}/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          ...hostOnly.patterns,
          {
            group: features
              .filter((other) => other !== feature)
              .flatMap((other) => [`**/${other}/*`, `**/features/${other}/**`]),
            message: 'Features never import each other.',
          },
        ],
      },
    ],
  },
}));

export default ts.config(
  { ignores: ['dist', 'dist-test', 'node_modules', 'test-results', 'src/host/bindings.ts'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, __TEST_HOSTS__: 'readonly' } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig, extraFileExtensions: ['.svelte'] } },
  },
  { files: ['scripts/**', '*.config.js'], languageOptions: { globals: globals.node } },
  { files: ['src/**'], ignores: ['src/host/**'], rules: { 'no-restricted-imports': ['error', hostOnly] } },
  ...walls,
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-console': 'error',
    },
  },
  { files: ['scripts/**'], rules: { 'no-console': 'off' } },
);
