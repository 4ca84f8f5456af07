// SPDX-License-Identifier: Apache-2.0
/* A Cx HSS for benches: UAR, MAR, SAR, LIR over freeDiameter, answered in the dispatch thread from an array in memory.
 * It knows user000001..userNNNNNN@DOMAIN with password passwordNNNNNN, one public identity each, no filter criteria,
 * and gives "SIP Digest" vectors (HA1). [TS 29.228 6.1, TS 29.229 6, TS 33.203 annex N]
 *
 * usage: hss CONFIG ADDRESS PORT DOMAIN USERS [CAPABILITY]
 * CONFIG is a freeDiameter file; ADDRESS:PORT is where it listens; CAPABILITY, when given, goes into first UAAs. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <signal.h>

enum { CX = 16777216, TGPP = 10415 };
enum { UAR = 300, SAR = 301, LIR = 302, MAR = 303 };

struct user { char registered; char server[127]; };
static struct user *users;
static unsigned user_count, capability;
static const char *domain;

static struct dict_object *d_session, *d_origin_auth_state, *d_vsai, *d_vendor, *d_auth_app, *d_user_name, *d_result,
    *d_exp, *d_exp_code, *d_pubid, *d_server, *d_caps, *d_mandatory, *d_uat, *d_sat, *d_item, *d_item_count, *d_scheme,
    *d_digest, *d_realm, *d_qop, *d_algorithm, *d_ha1, *d_user_data, *d_number;

/* fdcore leaves Nagle on; our own accept() is found first through the PLT. */
int accept(int fd, struct sockaddr *sa, socklen_t *len)
{
    static int (*real)(int, struct sockaddr *, socklen_t *);
    if (!real)
        real = dlsym(RTLD_NEXT, "accept");
    int s = real(fd, sa, len), on = 1;
    if (s >= 0)
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return s;
}

static void die(const char *what)
{
    fprintf(stderr, "hss: %s\n", what);
    exit(1);
}

static struct dict_object *find_avp(unsigned code, unsigned vendor)
{
    struct dict_avp_request r = {.avp_vendor = vendor, .avp_code = code};
    struct dict_object *o = NULL;
    fd_dict_search(fd_g_config->cnf_dict, DICT_AVP, AVP_BY_CODE_AND_VENDOR, &r, &o, 0);
    return o;
}

static struct dict_object *want_avp(unsigned code, unsigned vendor)
{
    struct dict_object *o = find_avp(code, vendor);
    if (!o) {
        fprintf(stderr, "hss: AVP %u/%u\n", code, vendor);
        exit(1);
    }
    return o;
}

static struct dict_object *own_avp(unsigned code, char *name)
{
    struct dict_object *o = find_avp(code, 0);
    struct dict_avp_data a = {code, 0, name, AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY, AVP_FLAG_MANDATORY, AVP_TYPE_OCTETSTRING};
    if (!o && fd_dict_new(fd_g_config->cnf_dict, DICT_AVP, &a, NULL, &o))
        die(name);
    return o;
}

static struct avp *put(void *parent, struct dict_object *model, const void *data, size_t len)
{
    struct avp *a;
    union avp_value v;
    if (fd_msg_avp_new(model, 0, &a))
        die("avp");
    if (data) {
        v.os.data = (void *)data;
        v.os.len = len;
        fd_msg_avp_setvalue(a, &v);
    }
    fd_msg_avp_add(parent, MSG_BRW_LAST_CHILD, a);
    return a;
}

static struct avp *put_text(void *parent, struct dict_object *model, const char *text)
{
    return put(parent, model, text, strlen(text));
}

static void put_number(void *parent, struct dict_object *model, unsigned number)
{
    struct avp *a;
    union avp_value v = {.u32 = number};
    if (fd_msg_avp_new(model, 0, &a))
        die("avp");
    fd_msg_avp_setvalue(a, &v);
    fd_msg_avp_add(parent, MSG_BRW_LAST_CHILD, a);
}

static struct avp_hdr *get(struct msg *m, struct dict_object *model)
{
    struct avp *a = NULL;
    struct avp_hdr *h = NULL;
    if (fd_msg_search_avp(m, model, &a) || !a || fd_msg_avp_hdr(a, &h) || !h->avp_value)
        return NULL;
    return h;
}

/* "sip:user000001@domain" or "user000001@domain" to its number, or 0. */
static unsigned user_number(const struct avp_hdr *h)
{
    if (!h)
        return 0;
    const char *s = (const char *)h->avp_value->os.data;
    size_t len = h->avp_value->os.len;
    if (len > 4 && !strncmp(s, "sip:", 4))
        s += 4, len -= 4;
    if (len != 11 + strlen(domain) || strncmp(s, "user", 4) || s[10] != '@' || strncmp(s + 11, domain, len - 11))
        return 0;
    unsigned n = (unsigned)strtoul(s + 4, NULL, 10);
    return n <= user_count ? n : 0;
}

static void ha1(unsigned n, char hex[33])
{
    char text[200];
    unsigned char md[16];
    int len = snprintf(text, sizeof text, "user%06u@%s:%s:password%06u", n, domain, domain, n);
    gnutls_hash_fast(GNUTLS_DIG_MD5, text, (size_t)len, md);
    for (int i = 0; i < 16; i++)
        sprintf(hex + 2 * i, "%02x", md[i]);
}

static void result(struct msg *m, unsigned code)
{
    put_number(m, d_result, code);
}

static void experimental(struct msg *m, unsigned code)
{
    struct avp *e = put(m, d_exp, NULL, 0);
    put_number(e, d_vendor, TGPP);
    put_number(e, d_exp_code, code);
}

static void user_authorization(struct msg *q, struct msg *a, unsigned n)
{
    struct avp_hdr *type = get(q, d_uat);
    struct user *u = &users[n];
    if (type && type->avp_value->u32 == 1) {
        result(a, 2001);
        put_text(a, d_server, u->server);
    } else if (u->server[0]) {
        experimental(a, 2002);
        put_text(a, d_server, u->server);
    } else {
        experimental(a, 2001);
        struct avp *caps = put(a, d_caps, NULL, 0);
        if (capability)
            put_number(caps, d_mandatory, capability);
    }
}

static void keep_server(struct msg *q, struct user *u)
{
    struct avp_hdr *server = get(q, d_server);
    if (server)
        snprintf(u->server, sizeof u->server, "%.*s", (int)server->avp_value->os.len, server->avp_value->os.data);
}

static void multimedia_auth(struct msg *q, struct msg *a, unsigned n)
{
    char name[200], hex[33];
    struct avp_hdr *pubid = get(q, d_pubid);
    snprintf(name, sizeof name, "user%06u@%s", n, domain);
    ha1(n, hex);
    result(a, 2001);
    put_text(a, d_user_name, name);
    put(a, d_pubid, pubid->avp_value->os.data, pubid->avp_value->os.len);
    put_number(a, d_item_count, 1);
    struct avp *item = put(a, d_item, NULL, 0);
    put_number(item, d_number, 1);
    put_text(item, d_scheme, "SIP Digest");
    struct avp *digest = put(item, d_digest, NULL, 0);
    put_text(digest, d_realm, domain);
    put_text(digest, d_algorithm, "MD5");
    put_text(digest, d_qop, "auth");
    put_text(digest, d_ha1, hex);
    keep_server(q, &users[n]);
}

static void server_assignment(struct msg *q, struct msg *a, unsigned n)
{
    char name[200], xml[1000];
    struct avp_hdr *type = get(q, d_sat);
    struct user *u = &users[n];
    int how = type ? type->avp_value->i32 : 0;
    snprintf(name, sizeof name, "user%06u@%s", n, domain);
    keep_server(q, u);
    u->registered = how <= 2; /* NO_ASSIGNMENT, REGISTRATION, RE_REGISTRATION */
    if (how >= 4)
        u->server[0] = 0;
    result(a, 2001);
    put_text(a, d_user_name, name);
    snprintf(xml, sizeof xml,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?><IMSSubscription><PrivateID>%s</PrivateID><ServiceProfile>"
             "<PublicIdentity><BarringIndication>0</BarringIndication><Identity>sip:%s</Identity></PublicIdentity>"
             "</ServiceProfile></IMSSubscription>", name, name);
    if (how <= 3)
        put_text(a, d_user_data, xml);
}

static void location_info(struct msg *a, unsigned n)
{
    if (!users[n].registered) {
        experimental(a, 5003);
        return;
    }
    result(a, 2001);
    put_text(a, d_server, users[n].server);
}

static int on_request(struct msg **m, struct avp *avp, struct session *sess, void *opaque, enum disp_action *act)
{
    struct msg *q = *m, *a;
    struct msg_hdr *h;
    (void)avp, (void)sess, (void)opaque;
    fd_msg_hdr(q, &h);
    if (!(h->msg_flags & CMD_FLAG_REQUEST))
        return 0;
    unsigned code = h->msg_code, n = user_number(get(q, d_pubid));
    fd_msg_new_answer_from_req(fd_g_config->cnf_dict, m, 0);
    a = *m;
    struct avp *v = put(a, d_vsai, NULL, 0);
    put_number(v, d_vendor, TGPP);
    put_number(v, d_auth_app, CX);
    put_number(a, d_origin_auth_state, 1); /* NO_STATE_MAINTAINED */
    fd_msg_add_origin(a, 0);
    if (!n)
        experimental(a, 5001);
    else if (code == UAR)
        user_authorization(q, a, n);
    else if (code == MAR)
        multimedia_auth(q, a, n);
    else if (code == SAR)
        server_assignment(q, a, n);
    else
        location_info(a, n);
    fd_msg_send(m, NULL, NULL);
    *act = DISP_ACT_CONT;
    return 0;
}

static void define_command(unsigned code, char *name)
{
    struct dict_object *vendor, *app, *cmd;
    uint32_t tgpp = TGPP;
    struct dict_application_data ad = {CX, "Cx"};
    struct dict_cmd_data q = {code, name, CMD_FLAG_REQUEST, CMD_FLAG_REQUEST}, r = {code, name, CMD_FLAG_REQUEST, 0};
    struct disp_when when = {0};
    fd_dict_search(fd_g_config->cnf_dict, DICT_VENDOR, VENDOR_BY_ID, &tgpp, &vendor, ENOENT);
    fd_dict_search(fd_g_config->cnf_dict, DICT_APPLICATION, APPLICATION_BY_ID, &(uint32_t){CX}, &app, 0);
    if (!app && fd_dict_new(fd_g_config->cnf_dict, DICT_APPLICATION, &ad, vendor, &app))
        die("application");
    fd_dict_new(fd_g_config->cnf_dict, DICT_COMMAND, &q, app, &cmd);
    char *answer = strdup(name);
    answer[strlen(answer) - 1] = 'A';
    r.cmd_name = answer;
    struct dict_object *ans;
    fd_dict_new(fd_g_config->cnf_dict, DICT_COMMAND, &r, app, &ans);
    when.app = app;
    when.command = cmd;
    if (fd_disp_register(on_request, DISP_HOW_CC, &when, NULL, NULL))
        die("dispatch");
    if (code == UAR && fd_disp_app_support(app, vendor, 1, 0))
        die("support");
}

static void load_dictionary(void)
{
    d_session = want_avp(263, 0), d_origin_auth_state = want_avp(277, 0), d_vsai = want_avp(260, 0);
    d_vendor = want_avp(266, 0), d_auth_app = want_avp(258, 0), d_user_name = want_avp(1, 0), d_result = want_avp(268, 0);
    d_exp = want_avp(297, 0), d_exp_code = want_avp(298, 0);
    d_pubid = want_avp(601, TGPP), d_server = want_avp(602, TGPP), d_caps = want_avp(603, TGPP);
    d_mandatory = want_avp(604, TGPP), d_user_data = want_avp(606, TGPP), d_item_count = want_avp(607, TGPP);
    d_scheme = want_avp(608, TGPP), d_item = want_avp(612, TGPP), d_number = want_avp(613, TGPP);
    d_sat = want_avp(614, TGPP), d_uat = want_avp(623, TGPP), d_digest = want_avp(635, TGPP);
    d_realm = own_avp(104, "Digest-Realm"), d_qop = own_avp(110, "Digest-QoP");
    d_algorithm = own_avp(111, "Digest-Algorithm"), d_ha1 = own_avp(121, "Digest-HA1");
}

static int any_peer(struct peer_info *info, int *auth, int (**cb2)(struct peer_info *))
{
    (void)cb2;
    info->config.pic_flags.sec = PI_SEC_NONE;
    *auth = 1;
    return 0;
}

static void quiet(int level, const char *format, va_list ap)
{
    if (level < FD_LOG_ERROR)
        return;
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
}

int main(int argc, char **argv)
{
    sigset_t set;
    int sig;
    if (argc < 6)
        die("usage: hss CONFIG ADDRESS PORT DOMAIN USERS [CAPABILITY]");
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[3]))};
    inet_pton(AF_INET, argv[2], &sa.sin_addr);
    domain = argv[4];
    user_count = (unsigned)atoi(argv[5]);
    capability = argc > 6 ? (unsigned)atoi(argv[6]) : 0;
    users = calloc(user_count + 1, sizeof *users);
    sigemptyset(&set), sigaddset(&set, SIGTERM), sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    fd_log_handler_register(quiet);
    if (fd_core_initialize() || fd_core_parseconf(argv[1]))
        die("configuration");
    fd_ep_add_merge(&fd_g_config->cnf_endpoints, (sSA *)&sa, sizeof sa, EP_FL_CONF | EP_ACCEPTALL);
    load_dictionary();
    define_command(UAR, "User-Authorization-Request-R");
    define_command(SAR, "Server-Assignment-Request-R");
    define_command(LIR, "Location-Info-Request-R");
    define_command(MAR, "Multimedia-Auth-Request-R");
    if (fd_peer_validate_register(any_peer) || fd_core_start() || fd_core_waitstartcomplete())
        die("start");
    sigwait(&set, &sig);
    fd_core_shutdown();
    fd_core_wait_shutdown_complete();
    return 0;
}
