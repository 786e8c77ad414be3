/** The part of lit-html 3.3.3 that the components use. */
export interface TemplateResult {
  readonly strings: TemplateStringsArray;
  readonly values: unknown[];
}
type Tag = (strings: TemplateStringsArray, ...values: unknown[]) => TemplateResult;
export declare const html: Tag;
export declare const svg: Tag;
export declare const mathml: Tag;
export declare const nothing: unique symbol;
export declare const noChange: unique symbol;
export declare function render(value: unknown, container: HTMLElement | ShadowRoot): unknown;
