-- Notes whose keys these are, where nobody's name is there yet. {'OK'}, or {'OTHER', pipeline}: another pipeline's.
-- Under a topic that claim-partition.lua is going to refuse, nothing is noted.
-- KEYS 1 meta
-- ARGV 1 pipeline, 2 topic, 3 topic epoch
local held = redis.call('HMGET', KEYS[1], 'pipeline', 'topic', 'topicEpoch')
if held[1] and held[1] ~= ARGV[1] then
  return { 'OTHER', held[1] }
end
local isRefused = held[2] and (held[2] ~= ARGV[2] or tonumber(held[3]) > tonumber(ARGV[3]))
if not held[1] and not isRefused then
  redis.call('HSET', KEYS[1], 'pipeline', ARGV[1])
end
return { 'OK' }
