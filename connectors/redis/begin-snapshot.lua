-- Begins to write a snapshot of a partition's state beside the state that is shown.
-- {'OK'}, or {'LOST', offset}: the mark is not where it was. {'OTHER', epoch}: another topic's keys.
-- KEYS 1 applied, 2 next open, 3 next services, 4 next ids
-- ARGV 1 topic epoch, 2 offset known to be applied, 3 token of this attempt: it ends earlier ones,
--      4 start of next service keys
local held = redis.call('HMGET', KEYS[1], 'topicEpoch', 'offset')
if held[1] and held[1] ~= ARGV[1] then
  return { 'OTHER', held[1] }
elseif not held[1] or held[2] ~= ARGV[2] then
  return { 'LOST', tonumber(held[2] or -1) }
end
for _, service in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  redis.call('UNLINK', ARGV[4] .. service)
end
redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4])
redis.call('HSET', KEYS[1], 'snapshot', ARGV[3], 'snapshotSaved', 0)
return { 'OK' }
