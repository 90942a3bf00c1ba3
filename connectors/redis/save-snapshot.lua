-- Saves some of a snapshot's incidents: the hashes at their place, the sets beside those that are shown.
-- {'OK'}, or {'SUPERSEDED'}: another attempt has begun, or Redis was emptied.
-- KEYS 1 applied, 2 next open, 3 next services, 4 next ids, 5 ids, then as in save-state.lua
-- ARGV 1 token, 2 where in the key of an incident its id starts, 3-5 how many: saved, removed (0), services,
--      then as in save-state.lua
local APPLIED, OPEN, SERVICES, NEXT_IDS, IDS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local idStart, saved, services = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
key, arg = 5, 5

local function save()
  if redis.call('HGET', APPLIED, 'snapshot') ~= ARGV[1] then
    return { 'SUPERSEDED' }
  end
  -- Whatever else is in a hash goes, and each counts as added.
  for i = 1, saved do
    run('UNLINK', KEYS[key + i])
  end
  local ids = saveIncidents(saved, idStart)
  runWith('SADD', NEXT_IDS, ids, 1, #ids)
  runWith('SADD', IDS, ids, 1, #ids)
  runWithList('ZADD', OPEN)
  runWithList('ZREM', OPEN)
  runWithList('SREM', IDS)
  saveServices(services, SERVICES)
  run('HINCRBY', APPLIED, 'snapshotSaved', saved)
  return { 'OK' }
end

return attempt(save)
