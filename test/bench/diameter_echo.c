// SPDX-License-Identifier: Apache-2.0
/* A bare freeDiameter server: whatever it is asked on Cx or Sh, it answers 2001 with OCTETS in all, in the dispatch thread. What it
 * answers in a second is what freeDiameter can do on this machine; nothing of ours is in it.
 *
 *   diameter_echo CONFIG ADDRESS PORT OCTETS          CONFIG: of freeDiameter; prints "ready" */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>
#include <netinet/tcp.h>
#include <signal.h>

enum { CX = 16777216, SH = 16777217, VENDOR_3GPP = 10415, CLASS_HEAD = 8 };

static struct dict_object *class_avp, *result_avp;
static size_t octets;

/* freeDiameter leaves Nagle on, which costs it most of its rate: this accept() is found first. */
int accept(int fd, struct sockaddr *sa, socklen_t *len)
{
	static int (*real)(int, struct sockaddr *, socklen_t *);
	int s, on = 1;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "accept");
	s = real(fd, sa, len);
	if (s >= 0)
		setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return s;
}

static void die(const char *what)
{
	fprintf(stderr, "diameter_echo: %s\n", what);
	exit(1);
}

static void add(struct msg *m, struct dict_object *model, union avp_value value)
{
	struct avp *avp;

	if (fd_msg_avp_new(model, 0, &avp) || fd_msg_avp_setvalue(avp, &value) || fd_msg_avp_add(m, MSG_BRW_LAST_CHILD, avp))
		die("an AVP");
}

static int on_request(struct msg **m, struct avp *avp, struct session *session, void *data, enum disp_action *act)
{
	static uint8_t filling[1 << 16];
	struct msg_hdr *hdr;

	(void)avp, (void)session, (void)data;
	*act = DISP_ACT_SEND;
	if (fd_msg_new_answer_from_req(fd_g_config->cnf_dict, m, 0) || fd_msg_hdr(*m, &hdr))
		die("an answer");
	add(*m, result_avp, (union avp_value){ .u32 = 2001 });
	if (fd_msg_add_origin(*m, 0) || fd_msg_update_length(*m))
		die("an answer");
	if (hdr->msg_length + CLASS_HEAD < octets)
		add(*m, class_avp, (union avp_value){ .os = { filling, octets - hdr->msg_length - CLASS_HEAD } });
	return 0;
}

static struct dict_object *avp(const char *name)
{
	struct dict_object *found = NULL;

	if (fd_dict_search(fd_g_config->cnf_dict, DICT_AVP, AVP_BY_NAME, name, &found, ENOENT))
		die(name);
	return found;
}

static void serve(application_id_t id, const char *name)
{
	struct dict_application_data data = { id, (char *)(uintptr_t)name };
	struct disp_when when = { 0 };
	vendor_id_t vendor_id = VENDOR_3GPP;
	struct dict_object *vendor = NULL;

	if (fd_dict_search(fd_g_config->cnf_dict, DICT_APPLICATION, APPLICATION_BY_ID, &id, &when.app, 0) || !when.app)
		if (fd_dict_new(fd_g_config->cnf_dict, DICT_APPLICATION, &data, NULL, &when.app))
			die(name);
	if (fd_dict_search(fd_g_config->cnf_dict, DICT_VENDOR, VENDOR_BY_ID, &vendor_id, &vendor, ENOENT) ||
	    fd_disp_app_support(when.app, vendor, 1, 0) || fd_disp_register(on_request, DISP_HOW_APPID, &when, NULL, NULL))
		die(name);
}

/* A command must be known to be dispatched. */
static void know(uint32_t code, const char *name)
{
	struct dict_cmd_data request = { code, (char *)(uintptr_t)name, CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE,
					 CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE }, answer;
	char *answer_name = NULL;

	if (asprintf(&answer_name, "%s-Answer", name) < 0)
		die("memory");
	answer = (struct dict_cmd_data){ code, answer_name, CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE, CMD_FLAG_PROXIABLE };
	fd_dict_new(fd_g_config->cnf_dict, DICT_COMMAND, &request, NULL, NULL);
	fd_dict_new(fd_g_config->cnf_dict, DICT_COMMAND, &answer, NULL, NULL);
}

static void quiet(int level, const char *format, va_list arguments)
{
	if (level >= FD_LOG_ERROR)
		vfprintf(stderr, format, arguments), fputc('\n', stderr);
}

static int admit(struct peer_info *info, int *auth, int (**later)(struct peer_info *))
{
	(void)later;
	info->config.pic_flags.sec |= PI_SEC_NONE;
	*auth = 1;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct { uint32_t code; const char *name; } commands[] = {
		{ 300, "UA" }, { 301, "SA" }, { 302, "LI" }, { 303, "MA" }, { 306, "UD" } };
	struct sockaddr_in here = { .sin_family = AF_INET };
	sigset_t ends;
	int got;

	if (argc != 5) {
		fprintf(stderr, "usage: diameter_echo CONFIG ADDRESS PORT OCTETS\n");
		return 2;
	}
	octets = strtoul(argv[4], NULL, 10);
	here.sin_port = htons((uint16_t)atoi(argv[3]));
	inet_pton(AF_INET, argv[2], &here.sin_addr);
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	fd_log_handler_register(quiet);
	if (fd_core_initialize() || fd_core_parseconf(argv[1]) ||
	    fd_ep_add_merge(&fd_g_config->cnf_endpoints, (sSA *)&here, sizeof here, EP_FL_CONF | EP_ACCEPTALL))
		die("the configuration");
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		know(commands[i].code, commands[i].name);
	class_avp = avp("Class");
	result_avp = avp("Result-Code");
	serve(CX, "Cx");
	serve(SH, "Sh");
	if (fd_peer_validate_register(admit) || fd_core_start() || fd_core_waitstartcomplete())
		die("the start");
	puts("ready");
	fflush(stdout);
	sigwait(&ends, &got);
	fd_core_shutdown();
	return fd_core_wait_shutdown_complete();
}
