import { join } from 'node:path';
import {
  AclOperations,
  AclPermissionTypes,
  ResourcePatternTypes,
  ResourceTypes,
  createAclsV3,
} from '@platformatic/kafka';
import type { KafkaPermission } from '../../cli/permissions/kafka-permissions.ts';
import { BrokerRequests } from '../../connectors/kafka/broker-requests.ts';
import { freePort } from '../../stack/native/free-port.ts';
import { startKafka } from '../../stack/native/kafka.ts';

const PASSWORD = 'secret';

export interface AuthorizingBroker {
  /** For whoever may do everything, without a log-in. */
  readonly adminUrl: string;
  /** For those who may do what they were allowed to, by SASL PLAIN. */
  readonly userUrl: string;
  readonly password: string;
  allow(user: string, permissions: readonly KafkaPermission[]): Promise<void>;
  stop(): Promise<void>;
}

/** A broker that refuses whatever was not allowed. */
export async function startAuthorizingBroker(
  folder: string,
  users: readonly string[],
): Promise<AuthorizingBroker> {
  const [admin, user, controller] = [await freePort(), await freePort(), await freePort()];
  const listeners = `PLAINTEXT://127.0.0.1:${admin},SASL_PLAINTEXT://127.0.0.1:${user}`;
  const service = await startKafka(join(folder, 'broker'), {
    port: admin,
    settings: {
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      listeners: `${listeners},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': listeners,
      'listener.security.protocol.map':
        'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
      'inter.broker.listener.name': 'PLAINTEXT',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // Who does not log in can reach only the listener of the admin.
      'super.users': 'User:ANONYMOUS',
      'sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.sasl_plaintext.plain.sasl.jaas.config':
        [
          'org.apache.kafka.common.security.plain.PlainLoginModule required',
          ...users.map((name) => `user_${name}="${PASSWORD}"`),
        ].join(' ') + ';',
    },
  });
  const adminUrl = `127.0.0.1:${admin}`;
  const requests = new BrokerRequests({ brokers: [adminUrl], clientId: 'admin' });
  return {
    adminUrl,
    userUrl: `127.0.0.1:${user}`,
    password: PASSWORD,
    allow: async (name, permissions) => {
      await requests.any(
        createAclsV3.api,
        permissions.flatMap((one) => aclsOf(name, one)),
      );
    },
    stop: async () => {
      await requests.close();
      await service.stop();
    },
  };
}

function aclsOf(user: string, { resource, name, pattern, operations }: KafkaPermission) {
  return operations.map((operation) => ({
    resourceType: {
      topic: ResourceTypes.TOPIC,
      group: ResourceTypes.GROUP,
      'transactional-id': ResourceTypes.TRANSACTIONAL_ID,
    }[resource],
    resourceName: name,
    resourcePatternType: pattern === 'literal' ? ResourcePatternTypes.LITERAL : ResourcePatternTypes.PREFIXED,
    principal: `User:${user}`,
    host: '*',
    operation: {
      Read: AclOperations.READ,
      Write: AclOperations.WRITE,
      Create: AclOperations.CREATE,
      Delete: AclOperations.DELETE,
      Describe: AclOperations.DESCRIBE,
      DescribeConfigs: AclOperations.DESCRIBE_CONFIGS,
    }[operation],
    permissionType: AclPermissionTypes.ALLOW,
  }));
}
