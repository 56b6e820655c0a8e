import { openParentPort } from '../cache/parent-port.ts';
import { serve } from '../cache/rpc.ts';
import { createFormsService } from './service.ts';

/*
 * Entry of the forms process, an Electron utility process that holds no key: expressions of forms are worked out here,
 * where one that has no end keeps nobody waiting.
 */

// Nothing is asked of a network, whatever an expression says.
Reflect.deleteProperty(globalThis, 'fetch');

serve(openParentPort(), { ...createFormsService() }, () => 'form-failed');
