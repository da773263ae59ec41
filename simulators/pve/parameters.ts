import { refuseParameters } from './errors.ts';

/** The part of PVE's JSON schema that the simulator's own parameters need (pve-common `PVE::JSONSchema`). */
export interface Parameter {
  type: 'string' | 'integer' | 'number' | 'boolean';
  optional?: boolean;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  enum?: readonly string[];
  pattern?: RegExp;
}

/** By name; `net[n]` stands for net0, net1 … */
export type Parameters = Record<string, Parameter>;

/** After validation: integers and numbers are numbers, booleans 0 or 1. */
export type Values = Record<string, string | number>;

const optional = { optional: true } as const;
export const text = (more: Partial<Parameter> = {}): Parameter => ({ type: 'string', ...optional, ...more });
export const integer = (minimum?: number, maximum?: number): Parameter => ({
  type: 'integer',
  ...optional,
  ...(minimum === undefined ? {} : { minimum }),
  ...(maximum === undefined ? {} : { maximum }),
});
export const number = (minimum: number, maximum: number): Parameter => ({
  type: 'number',
  ...optional,
  minimum,
  maximum,
});
export const flag = (): Parameter => ({ type: 'boolean', ...optional });
export const choice = (...values: string[]): Parameter => ({ type: 'string', ...optional, enum: values });
export const required = (parameter: Parameter): Parameter => ({ ...parameter, optional: false });

/** `pve-node` and `pve-vmid`, which most paths carry. */
export const nodeParameter: Parameters = { node: { type: 'string' } };
export const guestParameters: Parameters = {
  ...nodeParameter,
  vmid: { type: 'integer', minimum: 100, maximum: 999_999_999 },
};
export const digestParameter: Parameters = { digest: text({ maxLength: 40 }) };

/**
 * Checks the values and makes them typed; every fault at once, in PVE's own words (`PVE::JSONSchema::check_prop`,
 * `check_object`, `check_type`).
 */
export function validate(parameters: Parameters, given: Record<string, unknown>): Values {
  const errors: Record<string, string> = {};
  const values: Values = {};
  for (const [name, value] of Object.entries(given)) {
    const parameter = parameters[name] ?? parameters[name.replace(/\d+$/, '[n]')];
    const fault = parameter
      ? faultOf(parameter, value)
      : 'property is not defined in schema and the schema does not allow additional properties';
    if (fault !== undefined) errors[name] = fault;
    else if (parameter) values[name] = typed(parameter, value);
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    if (parameter.optional !== true && given[name] === undefined)
      errors[name] = 'property is missing and it is not optional';
  }
  if (Object.keys(errors).length > 0) refuseParameters(errors);
  return values;
}

function faultOf(parameter: Parameter, value: unknown): string | undefined {
  if (typeof value === 'object') return `type check ('${parameter.type}') failed`;
  const text = plainText(value);
  return typeFault(parameter, text) ?? stringFault(parameter, text) ?? rangeFault(parameter, text);
}

const shapes = { integer: /^[+-]?\d+$/, number: /^[+-]?(\d+\.\d+|\d+\.|\.\d+|\d+)([eE][+-]?\d+)?$/, boolean: /^[01]$/ };

function typeFault({ type }: Parameter, text: string): string | undefined {
  if (type === 'string' || shapes[type].test(text)) return undefined;
  return `type check ('${type}') failed - got '${text}'`;
}

function stringFault(parameter: Parameter, text: string): string | undefined {
  if (parameter.pattern?.test(text) === false) return 'value does not match the regex pattern';
  if (parameter.maxLength !== undefined && text.length > parameter.maxLength) {
    return `value may only be ${parameter.maxLength} characters long`;
  }
  if (parameter.enum && !parameter.enum.includes(text)) {
    return `value '${text}' does not have a value in the enumeration '${parameter.enum.join(', ')}'`;
  }
  return undefined;
}

function rangeFault({ minimum, maximum }: Parameter, text: string): string | undefined {
  if (maximum !== undefined && Number(text) > maximum) return `value must have a maximum value of ${maximum}`;
  if (minimum !== undefined && Number(text) < minimum) return `value must have a minimum value of ${minimum}`;
  return undefined;
}

/** A JSON body may hold numbers and booleans where a form holds text. */
export function plainText(value: unknown): string {
  if (typeof value === 'boolean') return String(Number(value));
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function typed({ type }: Parameter, value: unknown): string | number {
  return type === 'string' ? plainText(value) : Number(value);
}
