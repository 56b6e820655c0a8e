import '../../support/parent-port.ts';

/* The forms process as it is. */
await import('../../../main/forms/process.ts');
