import type { CapabilityStatement, CapabilityStatementRestResource } from 'fhir/r4';
import type { Dialect } from '../dialect.ts';
import { parametersOf } from '../search/parameters.ts';
import { type Fhir, offers } from './call.ts';
import { resourceTypes } from './validate.ts';

/** Where the authorization server's endpoints are. */
export interface OAuthEndpoints {
  issuer: string;
  authorize: string;
  token: string;
  revoke: string;
  introspect: string;
  jwks: string;
}

const TUS_ENDPOINT = 'https://wardlight.org/fhir/StructureDefinition/tus-endpoint';

function resource(type: string, dialect: Dialect): CapabilityStatementRestResource {
  const { history, typeHistory } = dialect;
  return {
    type: type as CapabilityStatementRestResource['type'],
    interaction: (
      [
        'read',
        ...(history ? (['vread', 'history-instance'] as const) : []),
        ...(history && typeHistory ? (['history-type'] as const) : []),
        'update',
        'patch',
        'delete',
        'create',
        'search-type',
      ] as const
    ).map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: history,
    updateCreate: dialect.updateCreate,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete: 'single',
    searchInclude: parametersOf(type)
      .filter((p) => p.type === 'reference')
      .map((p) => `${type}:${p.code}`),
    searchParam: parametersOf(type).map((p) => ({ name: p.code, definition: p.url, type: p.type })),
  };
}

/** FHIR R4 capabilitystatement.html, with the SMART security extension (oauth-uris). */
export function capabilityStatement(fhir: Fhir, oauth: OAuthEndpoints): CapabilityStatement {
  const { transactions, history, typeHistory } = fhir.dialect;
  const uris = [
    { url: 'authorize', valueUri: oauth.authorize },
    { url: 'token', valueUri: oauth.token },
    { url: 'revoke', valueUri: oauth.revoke },
    { url: 'introspect', valueUri: oauth.introspect },
  ];
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2025-01-01',
    kind: 'instance',
    software: { name: 'Wardlight development server' },
    implementation: { description: 'Development server with synthetic data', url: fhir.base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    patchFormat: ['application/json-patch+json'],
    instantiates: ['http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data'],
    rest: [
      {
        mode: 'server',
        ...(fhir.files && { extension: [{ url: TUS_ENDPOINT, valueUrl: fhir.files }] }),
        security: {
          service: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' },
              ],
            },
          ],
          extension: [
            { url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris', extension: uris },
          ],
        },
        resource: resourceTypes
          .filter((type) => type !== 'Parameters' && offers(fhir, type))
          .map((type) => resource(type, fhir.dialect))
          .map((entry) => {
            if (entry.type === 'Patient') {
              entry.operation = [
                { name: 'everything', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything' },
                { name: 'export', definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export' },
              ];
            } else if (entry.type === 'Group') {
              entry.operation = [
                { name: 'export', definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export' },
              ];
            }
            return entry;
          }),
        interaction: (
          [
            ...(transactions ? (['transaction'] as const) : []),
            ...(history && typeHistory ? (['history-system'] as const) : []),
            'batch',
            'search-system',
          ] as const
        ).map((code) => ({ code })),
        operation: [{ name: 'export', definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export' }],
        compartment: ['http://hl7.org/fhir/CompartmentDefinition/patient'],
      },
    ],
  };
}

/** SMART App Launch 2.2, conformance: .well-known/smart-configuration. */
export function smartConfiguration(oauth: OAuthEndpoints): object {
  return {
    issuer: oauth.issuer,
    jwks_uri: oauth.jwks,
    authorization_endpoint: oauth.authorize,
    token_endpoint: oauth.token,
    revocation_endpoint: oauth.revoke,
    introspection_endpoint: oauth.introspect,
    grant_types_supported: ['authorization_code', 'refresh_token'],
    response_types_supported: ['code'],
    token_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    scopes_supported: ['openid', 'fhirUser', 'offline_access', 'user/*.rs', 'user/*.cruds', 'patient/*.rs'],
    capabilities: [
      'launch-standalone',
      'launch-ehr',
      'context-ehr-patient',
      'client-public',
      'sso-openid-connect',
      'permission-offline',
      'permission-user',
      'permission-v1',
      'permission-v2',
    ],
  };
}
