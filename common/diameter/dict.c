// SPDX-License-Identifier: Apache-2.0
/* Adds to freeDiameter's dictionary what Debian's extensions lack: the Digest AVPs [RFC 4740 9.5], the applications Cx and Sh and
 * their commands [TS 29.229 5, 6.1; TS 29.329 5, 6.1]. No rules: presence and values are checked by our own decoder, which names the AVP that failed. */
#include "common/diameter/command.h"
#include "common/log.h"
#include <freeDiameter/libfdcore.h>
#include <string.h>

static const struct dict_avp_data avps[AVP_COUNT] = {
#define X(id, code, vendor, name, type, flags) \
	[AVP_##id] = { code, vendor, (char *)name, AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY, \
		       ((vendor) ? AVP_FLAG_VENDOR : 0) | (flags), AVP_TYPE_##type },
	DICT_AVPS(X)
#undef X
};

static struct dict_application_data applications[] = {
	{ APPLICATION_CX, (char *)"3GPP Cx" },
	{ APPLICATION_SH, (char *)"3GPP Sh" },
};

enum { COMMANDS_MAX = 16 };
static struct dict_object *avp_objects[AVP_COUNT], *command_objects[COMMANDS_MAX], *application_objects[ARRAY_LEN(applications)], *vendor;

/* By code and vendor, with gaps: filled once, before there are other threads. */
enum { PLACES = 512 };
static struct place {
	uint32_t code, vendor;
	struct dict_object *object;
} places[PLACES];

static struct place *place_of(uint32_t code, uint32_t vendor_id)
{
	unsigned i = (code * 31 + vendor_id) % PLACES;

	while (places[i].object && (places[i].code != code || places[i].vendor != vendor_id))
		i = (i + 1) % PLACES;
	return &places[i];
}

struct dict_object *dict_find(uint32_t code, uint32_t vendor_id)
{
	return place_of(code, vendor_id)->object;
}

static int load_avp(enum dict_avp id)
{
	struct dict_avp_data data = avps[id], found;
	struct dict_avp_request key = { .avp_vendor = data.avp_vendor, .avp_code = data.avp_code };
	struct dictionary *dict = fd_g_config->cnf_dict;

	if (!fd_dict_search(dict, DICT_AVP, AVP_BY_CODE_AND_VENDOR, &key, &avp_objects[id], ENOENT))
		return !fd_dict_getval(avp_objects[id], &found) && found.avp_basetype == data.avp_basetype ? 0 : -EINVAL;
	return -fd_dict_new(dict, DICT_AVP, &data, NULL, &avp_objects[id]);
}

static int load_command(const struct command *c)
{
	struct dict_cmd_data request = { (command_code_t)c->code, (char *)c->request_name,
					 CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE, CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE };
	struct dict_cmd_data answer = { (command_code_t)c->code, (char *)c->answer_name,
					CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE, CMD_FLAG_PROXIABLE };
	struct dict_object *of = dict_application(c->application);
	int err;

	err = fd_dict_new(fd_g_config->cnf_dict, DICT_COMMAND, &request, of, &command_objects[c - commands]);
	return err ? -err : -fd_dict_new(fd_g_config->cnf_dict, DICT_COMMAND, &answer, of, NULL);
}

static int load_commands(void)
{
	int err = command_count <= COMMANDS_MAX ? 0 : -E2BIG;

	for (size_t i = 0; !err && i < command_count; i++)
		err = load_command(&commands[i]);
	return err;
}

static int load_applications(void)
{
	struct dict_vendor_data threegpp = { VENDOR_3GPP, (char *)"3GPP" };
	vendor_id_t id = VENDOR_3GPP;
	int err = 0;

	if (fd_dict_search(fd_g_config->cnf_dict, DICT_VENDOR, VENDOR_BY_ID, &id, &vendor, ENOENT))
		err = fd_dict_new(fd_g_config->cnf_dict, DICT_VENDOR, &threegpp, NULL, &vendor);
	for (size_t i = 0; !err && i < ARRAY_LEN(applications); i++)
		err = fd_dict_new(fd_g_config->cnf_dict, DICT_APPLICATION, &applications[i], vendor, &application_objects[i]);
	return -err;
}

int dict_load(void)
{
	int err = load_applications();

	for (int i = 0; !err && i < AVP_COUNT; i++) {
		err = load_avp((enum dict_avp)i);
		if (err)
			log_event(LOG_ERROR, "diameter.dict", "avp=%s why=%s", avps[i].avp_name, strerror(-err));
	}
	for (int i = 0; !err && i < AVP_COUNT; i++)
		*place_of(avps[i].avp_code, avps[i].avp_vendor) = (struct place){ avps[i].avp_code, avps[i].avp_vendor, avp_objects[i] };
	if (!err)
		err = load_commands();
	if (err)
		log_event(LOG_ERROR, "diameter.dict", "why=%s", strerror(-err));
	return err;
}

struct dict_object *dict_avp(enum dict_avp id)
{
	return avp_objects[id];
}

struct dict_object *dict_command(const struct command *c)
{
	return command_objects[c - commands];
}

struct dict_object *dict_application(uint32_t application)
{
	for (size_t i = 0; i < ARRAY_LEN(applications); i++)
		if (applications[i].application_id == application)
			return application_objects[i];
	return NULL;
}

struct dict_object *dict_vendor(void)
{
	return vendor;
}

bool dict_is(enum dict_avp id, const struct avp_hdr *hdr)
{
	vendor_id_t v = hdr->avp_flags & AVP_FLAG_VENDOR ? hdr->avp_vendor : 0;

	return hdr->avp_code == avps[id].avp_code && v == avps[id].avp_vendor;
}
