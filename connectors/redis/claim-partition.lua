-- Makes a partition's keys belong to a topic and answers how far it has been applied: {'OK', offset}.
-- Keys of an earlier topic of the same name are emptied, all but the stream of alerts, whose ids only rise.
-- {'OTHER', topic, epoch}: they belong to another topic or to a later one. {'DENIED', channel}: may not publish.
-- KEYS 1 applied, 2 open, 3 services, 4 counters, 5 alerts, 6 ids
-- ARGV 1 topic, 2 topic epoch, 3 start of incident keys, 4 start of service keys, 5 alert channel
local APPLIED, OPEN, SERVICES, COUNTERS, IDS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[6]
local topic, epoch, channel = ARGV[1], ARGV[2], ARGV[5]

if redis.acl_check_cmd then
  for _, name in ipairs({ channel, channel .. ':critical', channel .. ':service:any' }) do
    if not redis.acl_check_cmd('PUBLISH', name, '') then
      return { 'DENIED', name }
    end
  end
end

local held = redis.call('HMGET', APPLIED, 'topic', 'topicEpoch', 'offset')
if held[1] == topic and held[2] == epoch then
  return { 'OK', tonumber(held[3]) }
end
if held[1] and (held[1] ~= topic or tonumber(held[2]) > tonumber(epoch)) then
  return { 'OTHER', held[1], held[2] }
end

for _, id in ipairs(redis.call('SMEMBERS', IDS)) do
  redis.call('UNLINK', ARGV[3] .. id)
end
for _, service in ipairs(redis.call('ZRANGE', SERVICES, 0, -1)) do
  redis.call('UNLINK', ARGV[4] .. service)
end
redis.call('UNLINK', OPEN, SERVICES, COUNTERS, IDS)
redis.call('HSET', APPLIED, 'topic', topic, 'topicEpoch', epoch, 'offset', -1)
return { 'OK', -1 }
