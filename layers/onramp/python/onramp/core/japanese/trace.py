"""Sentences of what `onramp trace` finds at each hop."""

SENTENCES = {
    "the name belongs to service {name} of {account}": "名前はアカウント {account} のサービス {name} のものです",
    "DNS support or DNS hostnames are off in {vpc}, so no Lattice name resolves there": (
        "{vpc} の DNS サポートか DNS ホスト名が無効なため、Lattice の名前を解決できません"
    ),
    "turn on both attributes of {vpc}: enableDnsSupport and enableDnsHostnames": (
        "{vpc} の属性を両方とも有効にしてください: enableDnsSupport と enableDnsHostnames"
    ),
    "{host} points at {name}, which does not have it as custom domain": (
        "{host} は {name} を指していますが、そのサービスのカスタムドメインではありません"
    ),
    "point the record at the service that has the name, or ask by a name of this one": (
        "その名前を持つサービスへレコードを向けるか、このサービスの名前で呼び出してください"
    ),
    "{host} is a name of {region}, and the caller's VPC is in {other}": (
        "{host} は {region} の名前ですが、呼び出し元の VPC は {other} にあります"
    ),
    "a network reaches within its region: offer the service in {region}": (
        "ネットワークはリージョンの中でしか届きません: {region} でサービスを提供してください"
    ),
    "{host} is in private hosted zone {zone}, and {vpc} is not associated with it": (
        "{host} はプライベートホストゾーン {zone} にあり、{vpc} はそれに関連付けられていません"
    ),
    "{host} has its record in hosted zone {zone}, and private hosted zone {other} answers in its place in {vpc}": (
        "{host} のレコードはホストゾーン {zone} にありますが、{vpc} ではプライベートホストゾーン {other} が代わりに"
        "答えます"
    ),
    "make the record in {zone} as well, or take {vpc} out of that zone": (
        "{zone} にも同じレコードを作るか、{vpc} をそのゾーンから外してください"
    ),
    "{host} has its record in hosted zone {zone}, whose NS records hand {name} on to other servers": (
        "{host} のレコードはホストゾーン {zone} にありますが、その NS レコードは {name} をほかのサーバーに任せています"
    ),
    "make the record in the hosted zone of {name}, or remove these NS records": (
        "{name} のホストゾーンにレコードを作るか、その NS レコードを消してください"
    ),
    "have infra set AssociateZones to on, or associate {vpc} with {zone}": (
        "インフラに AssociateZones を on にしてもらうか、{vpc} を {zone} に関連付けてください"
    ),
    "{host} has no DNS record that points at the service's Lattice name": (
        "{host} には、サービスの Lattice の名前を指す DNS レコードがありません"
    ),
    "make an alias or CNAME record of {host} for {name}": (
        "{host} から {name} へのエイリアスか CNAME のレコードを作ってください"
    ),
    "{host} is the name of service {name} of {account} through {endpoint}": (
        "{host} は、アカウント {account} のサービス {name} が {endpoint} で持つ名前です"
    ),
    "{endpoint} is no VPC endpoint of {accounts}: name a profile of its account as well": (
        "{accounts} に VPC エンドポイント {endpoint} はありません: そのアカウントのプロファイルも指定してください"
    ),
    "VPC endpoint {endpoint} is {state}": "VPC エンドポイント {endpoint} は {state} です",
    "wait while it is pending; make one again that failed or was rejected": (
        "pending なら待ってください。失敗または拒否されたものは作り直してください"
    ),
    "{endpoint} is in {vpc}, and whether a way leads there from {other} is not looked at": (
        "{endpoint} は {vpc} にあり、{other} からそこへ届くかどうかは調べません"
    ),
    "{endpoint} leads into network {network}": "{endpoint} はネットワーク {network} に通じています",
    "no rule of {groups} admits {source} to port {port} of {endpoint}": (
        "{groups} のルールに、{source} から {endpoint} のポート {port} への通信を許可するものがありません"
    ),
    "admit it to TCP {port} in {groups}": "{groups} で TCP {port} を許可してください",
    "network ACL {id} of {endpoint}'s subnets lets nothing in from {source} on port {port}": (
        "{endpoint} のサブネットのネットワーク ACL {id} は、{source} からポート {port} への通信を通しません"
    ),
    "network ACL {id} of {endpoint}'s subnets lets nothing back to {source}'s ports": (
        "{endpoint} のサブネットのネットワーク ACL {id} は、{source} のポートへの戻りを通しません"
    ),
    (
        "network ACL {id} of some subnets of {endpoint} lets nothing in from {source} on port {port}: what goes there"
        " is lost"
    ): (
        "{endpoint} の一部のサブネットのネットワーク ACL {id} は、{source} からポート {port} への通信を通しません: "
        "そこへの通信は失われます"
    ),
    "network ACL {id} of some subnets of {endpoint} lets nothing back to {source}'s ports: what goes there is lost": (
        "{endpoint} の一部のサブネットのネットワーク ACL {id} は、{source} のポートへの戻りを通しません: "
        "そこへの通信は失われます"
    ),
    "allow in {id}: from {source} on TCP {port}, to it on TCP 1024-65535": (
        "{id} で許可してください: {source} からの TCP {port}、そこへの TCP 1024-65535"
    ),
    "{name} is a name that AWS answers for, and private hosted zone {zone} answers in its place in {vpc}": (
        "{name} は AWS が答える名前ですが、{vpc} ではプライベートホストゾーン {zone} が代わりに答えます"
    ),
    "take {vpc} out of {zone}, or name that zone more narrowly": (
        "{vpc} を {zone} から外すか、ゾーンの名前をもっと狭くしてください"
    ),
    "clients refuse certificate {arn} of service {name} for {host}: {why}": (
        "クライアントは {host} でサービス {name} の証明書 {arn} を拒否します: {why}"
    ),
    "it ended on {date}": "{date} に期限が切れました",
    "it has ended": "期限が切れました",
    "it is for {names}": "{names} の証明書です",
    "renew or import it anew, or give the service an ACM certificate for {host}": (
        "証明書を更新するかインポートし直すか、サービスに {host} の ACM 証明書を付けてください"
    ),
    "certificate {arn} is {status}: some clients refuse it": (
        "証明書 {arn} は {status} です: 拒否するクライアントがあります"
    ),
    ("load balancer {name} speaks {protocol} on port {port}, and clients TLS, which passes through Lattice as it is"): (
        "ロードバランサー {name} のポート {port} は {protocol} ですが、クライアントの TLS は Lattice をそのまま通ります"
    ),
    "name a listener that speaks HTTPS in lattice:target": "lattice:target に HTTPS のリスナーを書いてください",
    "clients refuse the certificate of HTTPS:{port} of load balancer {name} for {host}: {why}": (
        "クライアントは {host} でロードバランサー {name} の HTTPS:{port} の証明書を拒否します: {why}"
    ),
    "give that listener an ACM certificate for {host}": ("そのリスナーに {host} の ACM 証明書を付けてください"),
    "ask for {name}, if that is meant": "{name} のことであれば、その名前で呼び出してください",
    (
        "tag {vpc} with the network's name: lattice:network = {network} (if it has it, ask onramp doctor {again}); by "
        "a VPC endpoint of type ServiceNetwork, ask by the name that the service has there"
    ): (
        "{vpc} にネットワークの名前のタグを付けてください: lattice:network = {network} (付いている場合は onramp "
        "doctor {again} で理由が分かります)。ServiceNetwork 型の VPC エンド"
        "ポイントを使うなら、サービスがそこで持つ名前で呼び出してください"
    ),
    "no service has the name {host}": "{host} という名前のサービスはありません",
    "ask by a service's name, its Lattice name or its custom domain, as the tag lattice-onramp:domain tells it": (
        "サービスの名前、Lattice の名前、またはカスタムドメインで呼び出してください。タグ lattice-onramp:domain に書か"
        "れています"
    ),
    "{group} lets the caller out to port {port}": "{group} は呼び出し元からポート {port} への送信を許可しています",
    "not all of the caller's security groups {groups} can be seen": (
        "呼び出し元のセキュリティグループ {groups} の一部が見えません"
    ),
    "no outbound rule of {groups} lets the caller out to {name} on port {port}": (
        "{groups} のアウトバウンドルールに、{name} のポート {port} への送信を許可するものがありません"
    ),
    "let {group} out to the subnets {subnets} of {endpoint} on TCP {port}": (
        "{group} から {endpoint} のサブネット {subnets} の TCP {port} への送信を許可してください"
    ),
    "let {group} out to the prefix list {list} on TCP {port}": (
        "{group} からプレフィックスリスト {list} の TCP {port} への送信を許可してください"
    ),
    "network ACL {id} of the caller's subnet lets nothing to {name} on port {port}": (
        "呼び出し元のサブネットのネットワーク ACL {id} は、{name} のポート {port} への通信を通しません"
    ),
    "network ACL {id} of the caller's subnet lets nothing back from {name} to the caller's ports": (
        "呼び出し元のサブネットのネットワーク ACL {id} は、{name} から呼び出し元のポートへの戻りを通しません"
    ),
    "allow in {id} what the subnets {subnets} of {endpoint} holds: to it on TCP {port}": (
        "{id} で {endpoint} のサブネット {subnets} の範囲を許可してください: そこへの TCP {port}"
    ),
    "allow in {id} what the subnets {subnets} of {endpoint} holds: from it to TCP 1024-65535": (
        "{id} で {endpoint} のサブネット {subnets} の範囲を許可してください: そこからの TCP 1024-65535"
    ),
    "network ACL {id} of load balancer {name}'s subnets lets nothing in from Lattice on port {port}": (
        "ロードバランサー {name} のサブネットのネットワーク ACL {id} は、Lattice からポート {port} への通信を通しません"
    ),
    "network ACL {id} of load balancer {name}'s subnets lets nothing back to Lattice's ports": (
        "ロードバランサー {name} のサブネットのネットワーク ACL {id} は、Lattice のポートへの戻りを通しません"
    ),
    "network ACL {id} of some of its subnets lets nothing in from Lattice on port {port}: what goes there is lost": (
        "一部のサブネットのネットワーク ACL {id} は、Lattice からポート {port} への通信を通しません: "
        "そこへの通信は失われます"
    ),
    "network ACL {id} of some of its subnets lets nothing back to Lattice's ports: what goes there is lost": (
        "一部のサブネットのネットワーク ACL {id} は、Lattice のポートへの戻りを通しません: そこへの通信は失われます"
    ),
    "allow in {id} what the prefix list {list} holds: from it on TCP {port}, to it on TCP 1024-65535": (
        "{id} でプレフィックスリスト {list} の範囲を許可してください: そこからの TCP {port}、そこへの TCP 1024-65535"
    ),
    "allow in {id} what the prefix list {list} holds: to it on TCP {port}": (
        "{id} でプレフィックスリスト {list} の範囲を許可してください: そこへの TCP {port}"
    ),
    "allow in {id} what the prefix list {list} holds: from it to TCP 1024-65535": (
        "{id} でプレフィックスリスト {list} の範囲を許可してください: そこからの TCP 1024-65535"
    ),
    "{id} lets it pass both ways": "{id} は両方向とも通します",
    "{vpc} is not joined to any service network": "{vpc} はどのサービスネットワークにも参加していません",
    "tag {vpc} with the network's name: lattice:network = {network}": (
        "{vpc} にネットワークの名前のタグを付けてください: lattice:network = {network}"
    ),
    "the association of {vpc} is {status}": "{vpc} の関連付けは {status} です",
    "network {network} of the association is not there": "関連付けられたネットワーク {network} がありません",
    "join the VPC to a network that exists": "VPC を、あるネットワークに参加させてください",
    "{vpc} is joined to network {network}": "{vpc} はネットワーク {network} に参加しています",
    "the association has no security group: the whole VPC may call": (
        "関連付けにセキュリティグループがありません: VPC 全体から呼び出せます"
    ),
    "{group} admits {source} to port {port}": "{group} は {source} からポート {port} への通信を許可しています",
    "{groups} admits only {some} of {source} to port {port}": (
        "{groups} がポート {port} に許可しているのは {source} のうち {some} だけです"
    ),
    "ask from one address": "アドレスを 1 つ指定してください",
    "no rule of {groups} admits {source} to port {port}": (
        "{groups} のルールに、{source} からポート {port} への通信を許可するものがありません"
    ),
    "add the address to lattice:allow-from and the port to lattice:ports of {vpc}, or a rule to the group": (
        "{vpc} の lattice:allow-from にアドレスを、lattice:ports にポートを足すか、グループにルールを足してください"
    ),
    "service {name} is not associated with network {network}": (
        "サービス {name} はネットワーク {network} に関連付けられていません"
    ),
    (
        "tag its load balancer with the network's name: lattice:network = {network} (if it has it, ask onramp doctor "
        "and its ARN)"
    ): (
        "ロードバランサーにネットワークの名前のタグを付けてください: lattice:network = {network} (付いている場合は "
        "onramp doctor とその ARN で理由が分かります)"
    ),
    "the association of service {name} with network {network} is {status}": (
        "サービス {name} とネットワーク {network} の関連付けは {status} です"
    ),
    "service {name} is associated with network {network}": (
        "サービス {name} はネットワーク {network} に関連付けられています"
    ),
    "service network {name} asks for no authorisation": "サービスネットワーク {name} は認証を求めていません",
    "service {name} asks for no authorisation": "サービス {name} は認証を求めていません",
    "service network {name} refuses: {why}": "サービスネットワーク {name} が拒否しています: {why}",
    "service {name} refuses: {why}": "サービス {name} が拒否しています: {why}",
    "service network {name} allows: {why}": "サービスネットワーク {name} は許可しています: {why}",
    "service {name} allows: {why}": "サービス {name} は許可しています: {why}",
    "service network {name}: {why}": "サービスネットワーク {name}: {why}",
    "service {name}: {why}": "サービス {name}: {why}",
    "admit this request in the auth policy of service network {name}": (
        "サービスネットワーク {name} の認証ポリシーで、このリクエストを許可してください"
    ),
    "admit this request in the auth policy of service {name}": (
        "サービス {name} の認証ポリシーで、このリクエストを許可してください"
    ),
    "AWS_IAM is on and there is no policy, which denies everything": (
        "AWS_IAM が有効でポリシーがないため、すべて拒否されます"
    ),
    "put an auth policy on service network {name}, or set its auth type to NONE": (
        "サービスネットワーク {name} に認証ポリシーを置くか、認証タイプを NONE にしてください"
    ),
    "put an auth policy on service {name}, or set its auth type to NONE": (
        "サービス {name} に認証ポリシーを置くか、認証タイプを NONE にしてください"
    ),
    "its policy cannot be judged here: {why}": "そのポリシーはここでは判断できません: {why}",
    "its policy asks for {key}, which could not be read": "そのポリシーは {key} を見ますが、読み取れません",
    "its auth policy could not be read: {why}": "その認証ポリシーを読み取れません: {why}",
    "narrow statement {statement} of the auth policy of service network {name}, or take it out: a Deny decides": (
        "サービスネットワーク {name} の認証ポリシーのステートメント {statement} を絞り込むか、取り除いてください:"
        " Deny が優先されます"
    ),
    "narrow statement {statement} of the auth policy of service {name}, or take it out: a Deny decides": (
        "サービス {name} の認証ポリシーのステートメント {statement} を絞り込むか、取り除いてください:"
        " Deny が優先されます"
    ),
    (
        "sign the request, or narrow statement {statement} of the auth policy of service network {name}, or take it out"
        ": a Deny decides"
    ): (
        "リクエストに署名するか、サービスネットワーク {name} の認証ポリシーのステートメント {statement} を絞り込むか、"
        "取り除いてください: Deny が優先されます"
    ),
    (
        "sign the request, or narrow statement {statement} of the auth policy of service {name}, or take it out: a Deny"
        " decides"
    ): (
        "リクエストに署名するか、サービス {name} の認証ポリシーのステートメント {statement} を絞り込むか、取り除いて"
        "ください: Deny が優先されます"
    ),
    "{host} is what service {name} is called in its account, and no name in DNS": (
        "{host} はサービス {name} のアカウント内での名前で、DNS の名前ではありません"
    ),
    "ask by {domain}": "{domain} で呼び出してください",
    "on which port it is called is not known: the service's listeners could not be read": (
        "呼び出すポートが分かりません: サービスのリスナーを読み取れませんでした"
    ),
    "name a profile of the service's account as well, or write the port, as NAME:80": (
        "サービスのアカウントのプロファイルも指定するか、NAME:80 のようにポートを書いてください"
    ),
    "statement {name} denies this request": "ステートメント {name} がこのリクエストを拒否しています",
    "no statement allows this request": "このリクエストを許可するステートメントがありません",
    "statement {name}": "ステートメント {name}",
    "the caller's own policies could not be read": "呼び出し元自身のポリシーを読み取れません",
    "the caller's own policies do not allow {action}": "呼び出し元自身のポリシーが {action} を許可していません",
    "allow the caller {action} on {resource}": "呼び出し元に {resource} への {action} を許可してください",
    "service {name} listens on nothing, not on port {port}": (
        "サービス {name} にはリスナーがなく、ポート {port} で待ち受けていません"
    ),
    "service {name} listens on {listens}, not on port {port}": (
        "サービス {name} のリスナーは {listens} で、ポート {port} では待ち受けていません"
    ),
    "ask on a port it listens on, or add {listener} to lattice:listen": (
        "待ち受けているポートで呼び出すか、lattice:listen に {listener} を足してください"
    ),
    "listener {listener} speaks {protocol} on port {port}, not {other}": (
        "リスナー {listener} のポート {port} は {protocol} で、{other} ではありません"
    ),
    "ask by {scheme}://": "{scheme}:// で呼び出してください",
    "service {name} has no certificate for {host}": "サービス {name} には {host} の証明書がありません",
    "ask by {name}, or give the service an ACM certificate for {host}": (
        "{name} で呼び出すか、サービスに {host} の ACM 証明書を付けてください"
    ),
    "listener {listener} takes {protocol}": "リスナー {listener} が {protocol} を受け取ります",
    "the default action answers {answer} itself": "デフォルトアクションが自分で {answer} を返します",
    "the default action forwards": "デフォルトアクションが転送します",
    "rule {name} (priority {number}) answers {answer} itself": (
        "ルール {name} (優先度 {number}) が自分で {answer} を返します"
    ),
    "rule {name} (priority {number}) forwards": "ルール {name} (優先度 {number}) が転送します",
    "every target group of the action has weight 0": "アクションのターゲットグループの重みがすべて 0 です",
    "give one of the load balancers a lattice:weight above 0": (
        "ロードバランサーのどれかで lattice:weight を 1 以上にしてください"
    ),
    "target group {name} is not there": "ターゲットグループ {name} がありません",
    "forward to one that is there": "あるものに転送してください",
    "target group {name} has no target in service": "ターゲットグループ {name} に使えるターゲットがありません",
    "register the load balancer with it; what was registered just now needs some minutes": (
        "ロードバランサーを登録してください。登録した直後は数分かかります"
    ),
    "target group {name} is a function's: what it answers, nobody can tell from here": (
        "ターゲットグループ {name} は Lambda 関数のものです: 何を返すかは、ここからは分かりません"
    ),
    "look at the function's own logs": "関数のログを見てください",
    "target group {name} ({type}) has {target}": "ターゲットグループ {name} ({type}) に {target} があります",
    "the load balancer {name} is not there": "ロードバランサー {name} がありません",
    "tag the load balancer that took its place": "代わりのロードバランサーにタグを付けてください",
    "load balancer {name} is {status}": "ロードバランサー {name} は {status} です",
    "wait while it is provisioning; repair or replace one that failed": (
        "作成中なら待ってください。失敗したものは直すか、作り直してください"
    ),
    "load balancer {name} answers {number} itself": "ロードバランサー {name} が自分で {number} を返します",
    "load balancer {name} answers {number} itself and sends the client to {url}": (
        "ロードバランサー {name} が自分で {number} を返し、クライアントを {url} へ送ります"
    ),
    "every target group that load balancer {name} forwards to on port {port} has weight 0": (
        "ロードバランサー {name} がポート {port} で転送するターゲットグループの重みがすべて 0 です"
    ),
    "give one of the load balancer's own target groups a weight above 0": (
        "ロードバランサー自身のターゲットグループのどれかの重みを 1 以上にしてください"
    ),
    "load balancer {name} has no target on port {port}": (
        "ロードバランサー {name} のポート {port} にターゲットがありません"
    ),
    "register targets with the load balancer's own target group": (
        "ロードバランサー自身のターゲットグループにターゲットを登録してください"
    ),
    "load balancer {name} takes {listener}": "ロードバランサー {name} が {listener} を受け取ります",
    "load balancer {name} has no listener on port {port}": (
        "ロードバランサー {name} にポート {port} のリスナーがありません"
    ),
    "name one of its listeners in lattice:target": "lattice:target に、そのリスナーを 1 つ書いてください",
    "load balancer {name} speaks {protocol} on port {port}, the target group {other}": (
        "ロードバランサー {name} のポート {port} は {protocol} で、ターゲットグループは {other} です"
    ),
    "write lattice:target = {listener}": "lattice:target = {listener} と書いてください",
    "Lattice calls {listener} of {name} only with the service's certificate, and {service} has none of its own": (
        "Lattice が {name} の {listener} に届くのはサービスの証明書のときだけで、{service} は証明書を持っていません"
    ),
    "Lattice calls {listener} of {name} only with the service's certificate, and {service} has {certificate}": (
        "Lattice が {name} の {listener} に届くのはサービスの証明書のときだけで、{service} の証明書は {certificate} で"
        "す"
    ),
    "name a listener that speaks HTTP in lattice:target, or give the service the same certificate": (
        "lattice:target に HTTP のリスナーを書くか、サービスに同じ証明書を付けてください"
    ),
    "no security group of load balancer {name} admits the Lattice prefix list to port {port}": (
        "ロードバランサー {name} のセキュリティグループに、Lattice のプレフィックスリストからポート {port} への通信を許"
        "可するものがありません"
    ),
    "admit the prefix list {list} to TCP {port} in {group}": (
        "{group} でプレフィックスリスト {list} を TCP {port} に許可してください"
    ),
    "{target} is not running": "{target} が起動していません",
    "start it, or take it out of its target group": "起動するか、ターゲットグループから外してください",
    "{target} on port {port} is {state}": "{target} のポート {port} は {state} です",
    "let its security group admit the load balancer, and the health check's path answer as it expects": (
        "ターゲットのセキュリティグループでロードバランサーを許可し、ヘルスチェックのパスが期待どおりに応答するようにし"
        "てください"
    ),
    "nothing is at {target}": "{target} には何もありません",
    "register a target that is there": "あるターゲットを登録してください",
    "{target} is healthy on port {port}": "{target} のポート {port} は正常です",
    "{target} is healthy on port {aside}, and nobody checks what it answers on port {port}": (
        "{target} はポート {aside} では正常ですが、ポート {port} で何を返すかは、誰も調べていません"
    ),
    "have it checked on the port that it is asked on": "リクエストを受けるポートでヘルスチェックをしてください",
    "nobody checks what {target} answers on port {port}": "{target} がポート {port} で何を返すかは、誰も調べていません",
    "nothing listens on port {port} of {target}": "{target} のポート {port} で待ち受けているものがありません",
    "start the service on port {port}, or register the port it listens on": (
        "ポート {port} でサービスを起動するか、待ち受けているポートを登録してください"
    ),
    "{target} answers {number}": "{target} が {number} を返します",
    "{target} answers {number} from {server}": "{target} が {number} を返します ({server})",
    "associations of {what} was not read": "{what} の関連付けを読み取れませんでした",
    "security groups of {what} was not read": "{what} のセキュリティグループを読み取れませんでした",
    "{what} was not read": "{what} を読み取れませんでした",
    "wait: it is on its way": "待ってください: 作業中です",
    "remove the service and make it again": "サービスを削除して作り直してください",
    "remove the target group and make it again": "ターゲットグループを削除して作り直してください",
    "remove the VPC's association and make it again": "VPC の関連付けを削除して作り直してください",
    "remove the service's association and make it again": "サービスの関連付けを削除して作り直してください",
    "from {address} in {vpc} of {account}": "呼び出し元: アカウント {account} の {vpc} の {address}",
    "It gets through.": "届きます。",
    "It gets through, answered {number}.": "届きます。応答は {number} です。",
    "Stopped at {place}: {code}.": "{place} で止まります: {code}",
    "Stopped at {place}: {code}, answered {number}.": "{place} で止まります: {code} (応答は {number})",
    "Unknown: no stop was found, and {places} could not be told.": (
        "不明: 止まる場所は見つかりませんでしたが、{places} は分かりませんでした。"
    ),
    "To read more, name a profile of that account as well: --profile NAME.": (
        "もっと調べるには、そのアカウントのプロファイルも指定してください: --profile NAME"
    ),
}
