// Rules beyond style; names, types and unused variables are checked by tsc, too.
import js from "@eslint/js";

export default [
  { ignores: ["**/vendor/**", "_build/**", ".venv/**"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2025, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-undef": "off", // tsc knows what a browser and a module define
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      eqeqeq: "error",
      "max-len": ["error", { code: 100, ignoreUrls: true, ignoreRegExpLiterals: true }],
      "no-else-return": "error",
      "no-eval": "error",
      "no-implicit-coercion": "error",
      "no-shadow": ["error", { allow: ["_"] }],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
      complexity: ["error", 12],
      quotes: ["error", "double", { avoidEscape: true, allowTemplateLiterals: false }],
      semi: "error",
    },
  },
];
