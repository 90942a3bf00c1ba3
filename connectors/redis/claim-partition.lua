-- Makes a partition's keys belong to a topic and answers how far it has been applied: {'OK', offset, state offset}.
-- Keys of an earlier topic of the same name are emptied, all but the stream of alerts, whose ids only rise.
-- {'OTHER', topic, epoch}: they belong to another topic or to a later one. {'DENIED', channel}: may not publish.
-- KEYS 1 applied, 2 open, 3 services, 4 counters, 5 alerts, 6 ids, 7 next open, 8 next services, 9 next ids
-- ARGV 1 topic, 2 topic epoch, 3 start of incident keys, 4 start of service keys, 5 start of next service keys,
--      6 alert channel, 7 '1': empty the partition also where a snapshot was begun and not finished
local APPLIED, OPEN, SERVICES, COUNTERS, IDS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[6]
local NEXT_OPEN, NEXT_SERVICES, NEXT_IDS = KEYS[7], KEYS[8], KEYS[9]
local topic, epoch, channel = ARGV[1], ARGV[2], ARGV[6]

local function unlinkAll(start, names)
  for _, name in ipairs(names) do
    redis.call('UNLINK', start .. name)
  end
end

if redis.acl_check_cmd then
  for _, name in ipairs({ channel, channel .. ':critical', channel .. ':service:any' }) do
    if not redis.acl_check_cmd('PUBLISH', name, '') then
      return { 'DENIED', name }
    end
  end
end

local held = redis.call('HMGET', APPLIED, 'topic', 'topicEpoch', 'offset', 'stateOffset', 'snapshot', 'rebuildTo')
local isOwn = held[1] == topic and held[2] == epoch
local isHalfway = held[5] and ARGV[7] == '1'
if isOwn and not isHalfway then
  return { 'OK', tonumber(held[3]), tonumber(held[4] or -1) }
end
if held[1] and not isOwn and (held[1] ~= topic or tonumber(held[2]) > tonumber(epoch)) then
  return { 'OTHER', held[1], held[2] }
end

unlinkAll(ARGV[3], redis.call('SMEMBERS', IDS))
unlinkAll(ARGV[4], redis.call('ZRANGE', SERVICES, 0, -1))
unlinkAll(ARGV[5], redis.call('ZRANGE', NEXT_SERVICES, 0, -1))
redis.call('UNLINK', APPLIED, OPEN, SERVICES, COUNTERS, IDS, NEXT_OPEN, NEXT_SERVICES, NEXT_IDS)
redis.call('HSET', APPLIED, 'topic', topic, 'topicEpoch', epoch, 'offset', -1)
local announced = math.max(tonumber(held[6] or -1), tonumber(held[3] or -1))
if isOwn and announced >= 0 then
  redis.call('HSET', APPLIED, 'rebuildTo', announced)
end
return { 'OK', -1, -1 }
